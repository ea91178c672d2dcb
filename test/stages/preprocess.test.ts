import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, describe, expect, test } from 'vitest';
import { type Dataset, openDataset, saveDataset, writeDataset } from '../../lib/data/dataset.ts';
import { generateDigits } from '../../lib/data/synthetic-digits/generate.ts';
import { formatFailure } from '../../lib/domain/failure.ts';
import type { ChampionAnswer } from '../../lib/domain/questions.ts';
import { RaisedFailure } from '../../lib/domain/raised.ts';
import type { StageRecord } from '../../lib/domain/records.ts';
import stage from '../../stages/preprocess.ts';
import { unwrap } from '../data/failed.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { type RecordedContext, type StageContextOptions, stageContext } from './context.ts';

type Params = Static<typeof stage.params>;

const path = temporaryFolder();
const made: RecordedContext<Params>[] = [];
afterEach(() => {
  for (const recorded of made.splice(0)) recorded.remove();
});

async function preprocess(params: Params, seed = 42, answers: StageContextOptions<Params>['answers'] = {}) {
  const recorded = stageContext<Params>({
    params,
    seed,
    deps: { raw: path('raw') },
    answers: { pipeline: 'digits', reference: null, override: null, ...answers },
    outs: { train: 'dataset', test: 'dataset', live: 'dataset', profile: 'json' },
  });
  made.push(recorded);
  await stage.run(recorded.context);
  const open = (out: string): Dataset => unwrap(openDataset(recorded.context.outs[out] ?? ''));
  const profileText = readFileSync(recorded.context.outs['profile'] ?? '', 'utf8');
  return { ...recorded, train: open('train'), test: open('test'), live: open('live'), profileText };
}

test('the frozen test set stays whole, live comes out of the training rows, only training rows are augmented', async () => {
  saveDataset(path('raw'), unwrap(generateDigits({ train: 400, test: 60 }, 42)));
  const {
    train,
    test: held,
    live,
    metrics,
    profileText,
  } = await preprocess({
    live: 0.1,
    augment: { copies: 0.5, shift: 2, rotate: 10 },
  });
  expect(held.rows).toBe(60);
  expect(live.rows).toBeGreaterThan(20);
  const originals = train.ids.filter((id, row) => id === train.origins[row]).length;
  expect(originals + live.rows).toBe(400);
  expect(train.rows - originals).toBeGreaterThan(140);
  for (const part of [held, live]) expect(part.ids).toEqual(part.origins);
  const liveIds = new Set(live.ids);
  expect(train.origins.some((origin) => liveIds.has(origin))).toBe(false);
  expect(metrics()).toMatchObject({
    'rows.train': train.rows,
    'rows.test': 60,
    'rows.live': live.rows,
    'augmentedRows.train': train.rows - originals,
    removedBlank: 0,
    removedDuplicateInTrain: 0,
  });
  expect(JSON.parse(profileText)).toMatchObject({
    format: 'mlloop-profile',
    generated: true,
    splits: { train: { rows: train.rows, originals }, test: { rows: 60 } },
  });
});

test('the same seed writes the same bytes, another seed another live split', async () => {
  saveDataset(path('raw'), unwrap(generateDigits({ train: 200, test: 20 }, 42)));
  const params = { live: 0.2, augment: { copies: 1, zoom: 0.1 } };
  const [first, again, other] = [await preprocess(params), await preprocess(params), await preprocess(params, 43)];
  expect(again.train.feature('pixels')).toEqual(first.train.feature('pixels'));
  expect(again.profileText).toBe(first.profileText);
  expect(other.live.ids).not.toEqual(first.live.ids);
});

test('what cleaning takes out is counted in metrics and told in the log', async () => {
  const pixels = { data: Uint8Array.from([1, 2, 1, 2, 0, 0, 5, 6, 3, 4, 5, 6, 7, 8, 9, 1]), shape: [1, 2] };
  const label = Int32Array.of(0, 0, 1, 1, 1, 1, -1, 0);
  const split = Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 1);
  unwrap(writeDataset(path('raw'), { columns: { label, split, pixels }, classes: ['a', 'b'] }));
  const { train, test: held, logs, metrics } = await preprocess({ live: 0, check: { badLabels: { error: 0.2 } } });
  expect([train.ids, held.ids]).toEqual([Int32Array.of(0, 4), Int32Array.of(5, 7)]);
  expect(metrics()).toMatchObject({
    removedBlank: 1,
    removedBadLabel: 1,
    removedDuplicateInTrain: 1,
    removedDuplicateInTest: 0,
    removedTrainAlsoInTest: 1,
    removedConflicting: 0,
  });
  expect(logs).toEqual([
    { text: 'Removed 1: blank or constant images.', level: 'info' },
    { text: 'Removed 1: labels that are no class.', level: 'info' },
    { text: 'Removed 1: duplicates within the training rows.', level: 'info' },
    { text: 'Removed 1: training rows that are also in the test set.', level: 'info' },
    { text: '1 rows had a label that is no class: look at the source.', level: 'warning' },
    { text: '2 training rows (0 augmented), 2 test rows, 0 live rows.', level: 'info' },
  ]);
});

test('a source without test rows gets a test set by hash', async () => {
  const digits = unwrap(generateDigits({ train: 300, test: 0 }, 42));
  saveDataset(path('raw'), digits);
  const { train, test: held, live } = await preprocess({ live: 0.1, test: 0.2 });
  expect(train.rows + held.rows + live.rows).toBe(300);
  expect(held.rows).toBeGreaterThan(40);
  expect(held.rows).toBeLessThan(80);
});

test('a raw dep that is no dataset is named', async () => {
  const error = await preprocess({}).catch((reason: unknown) => reason);
  expect(error instanceof RaisedFailure && formatFailure(error.failure).replaceAll(path(), 'DIR')).toBe(
    'DIR/raw is not a dataset: it holds no dataset.json.',
  );
});

test('shares outside 0 to 0.9 and unknown params do not pass the schema', () => {
  expect(Value.Check(stage.params, { live: 0.05, augment: { shift: 2 } })).toBe(true);
  expect(Value.Check(stage.params, { live: 1 })).toBe(false);
  expect(Value.Check(stage.params, { augment: { spin: 2 } })).toBe(false);
});

describe('the data gate', () => {
  const answer = (learnedFrom: readonly string[]): ChampionAnswer => ({
    line: 'digits-demo',
    version: 4,
    modelHash: 'c'.repeat(64),
    folder: path('champion'),
    problem: null,
    learnedFrom,
  });
  const gatesOf = ({ records }: { readonly records: readonly StageRecord[] }) =>
    records.flatMap((record) => (record.kind === 'gate' ? [record] : []));
  const digits = (): Dataset => unwrap(generateDigits({ train: 700, test: 60 }, 42));

  /** The same digits, but dark on light. */
  function inverted(): string {
    const own = digits();
    const data = (own.feature('pixels') as Uint8Array).map((value) => 255 - value);
    const pixels = { data, shape: own.featureShape('pixels') };
    unwrap(writeDataset(path('learned'), { columns: { label: own.labels, pixels }, classes: own.meta.classes }));
    return path('learned');
  }

  test('holds rows against those the champion learned from, and ends the run before anything is made of them', async () => {
    saveDataset(path('raw'), digits());
    const recorded = await preprocess({ live: 0 }, 42, { reference: answer([inverted()]) }).catch((error) => error);
    expect(recorded).toBeInstanceOf(RaisedFailure);
    const [first, ...table] = formatFailure(recorded.failure).split('\n');
    expect(first).toMatch(/^The data gate refuses these rows: 2 of \d+ checks failed. Nothing is trained on them.$/);
    expect(table.filter((line) => line.includes('refused')).map((line) => line.trim().split(/ {2,}/)[1])).toEqual([
      'values, pixels',
      'layout, pixels',
    ]);
    expect(table.at(-2)).toContain('check: { values: { error: … } }');
    expect(gatesOf(made.at(-1) ?? { records: [] }).filter(({ verdict }) => verdict === 'refused')).toHaveLength(2);
    expect(existsSync(join(made.at(-1)?.context.outs['train'] ?? '', 'dataset.json'))).toBe(false);
  });

  test('may be overridden, and says so', async () => {
    saveDataset(path('raw'), digits());
    const answers = { reference: answer([inverted()]), override: 'we turned the scanner round' };
    const { logs, train } = await preprocess({ live: 0 }, 42, answers);
    expect(train.rows).toBe(700);
    expect(logs).toContainEqual({
      text: 'The data gate refuses these rows (values, layout); overridden: we turned the scanner round',
      level: 'warning',
    });
  });

  test('of a line without a champion, or with one whose rows are gone, says so', async () => {
    saveDataset(path('raw'), digits());
    const first = await preprocess({ live: 0 });
    expect(gatesOf(first).at(-1)).toMatchObject({ name: 'reference', verdict: 'first_model' });
    const gone = await preprocess({ live: 0 }, 42, { reference: answer([]) });
    expect(gatesOf(gone).at(-1)).toMatchObject({
      verdict: 'no_reference',
      note: 'what digits-demo v4 learned from is not on record, or no longer in the store',
    });
    const broken = await preprocess({ live: 0 }, 42, { reference: answer([path('nowhere')]) });
    expect(gatesOf(broken).at(-1)?.note).toMatch(
      /^what digits-demo v4 learned from cannot be read: .*holds no dataset.json/,
    );
  });

  test('changes nothing of what is made', async () => {
    saveDataset(path('raw'), digits());
    saveDataset(path('same'), digits());
    const alone = await preprocess({ live: 0.1 });
    const beside = await preprocess({ live: 0.1 }, 42, { reference: answer([path('same')]) });
    expect(gatesOf(beside).every(({ verdict }) => ['passed', 'not_enough_evidence'].includes(verdict))).toBe(true);
    expect(beside.profileText).toBe(alone.profileText);
  });
});
