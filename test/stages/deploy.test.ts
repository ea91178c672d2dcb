import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Static } from 'typebox';
import { afterEach, describe, expect, test } from 'vitest';
import { openDataset, writeDataset } from '../../lib/data/dataset.ts';
import { datasetStatistics } from '../../lib/data/statistics.ts';
import type { DataProfile } from '../../lib/domain/data-profile.ts';
import type { EngineOffer } from '../../lib/domain/engine.ts';
import type { EvaluationFile } from '../../lib/domain/evaluation.ts';
import { failureText } from '../../lib/domain/failure.ts';
import type { GateRecord } from '../../lib/domain/gate.ts';
import type { ChampionAnswer, LabelledRow } from '../../lib/domain/questions.ts';
import { raisedFailure } from '../../lib/domain/raised.ts';
import { answerRows } from '../../lib/ml/answer-rows.ts';
import { evaluateAnswers, OVERALL_METRICS } from '../../lib/ml/metrics/evaluate.ts';
import { trainingData } from '../../lib/ml/training-rows.ts';
import stage from '../../stages/deploy.ts';
import { unwrap } from '../data/failed.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { saveThresholdModel, type ThresholdModel } from '../rig/threshold-model.ts';
import { type RecordedContext, stageContext } from './context.ts';

type Params = Static<typeof stage.params>;

const CHOICE = { engine: 'tfjs', backend: 'cpu', version: '4.22.0', why: '' } as const;
const engine: EngineOffer = { tfjs: CHOICE, onnx: { problem: 'not here' } };

const path = temporaryFolder();
const made: RecordedContext<Params>[] = [];
afterEach(() => {
  for (const recorded of made.splice(0)) recorded.remove();
});

interface Rows {
  /** Id of the first row; the others count on. */
  readonly from: number;
  readonly greys: readonly number[];
}

/** Rows of one pixel; from grey 128 on they really are light. */
function writeRows(name: string, { from, greys }: Rows): string {
  const columns = {
    label: Int32Array.from(greys, (grey) => (grey >= 128 ? 1 : 0)),
    id: Int32Array.from(greys, (_, at) => from + at),
    pixels: { data: Uint8Array.from(greys), shape: [1, 1] },
  };
  unwrap(writeDataset(path(name), { columns, classes: ['dark', 'light'] }));
  return path(name);
}

const every = Array.from({ length: 200 }, (_, at) => 28 + at);

/** What the stage before would have written of the model. */
async function writeEvaluation(folder: string, test: string): Promise<string> {
  const dataset = unwrap(openDataset(test));
  const { rows } = unwrap(trainingData(dataset));
  const probabilities = unwrap(await answerRows({ folder, choice: CHOICE, rows }));
  const evaluation = evaluateAnswers(dataset.labels, probabilities, 2);
  const overall = Object.fromEntries(OVERALL_METRICS.map((name) => [name, evaluation[name]]));
  const file: EvaluationFile = {
    format: 'mlloop-evaluation',
    version: 1,
    rows: dataset.rows,
    generated: false,
    classes: ['dark', 'light'],
    models: { mine: { overall, perClass: evaluation.perClass, confusion: [], calibration: [] } },
    candidate: 'mine',
    predicted: [...evaluation.predicted],
  };
  writeFileSync(path('metrics.json'), JSON.stringify(file));
  return path('metrics.json');
}

/** What the stage that prepares rows would have written of them. */
function writeProfile(test: string, train: string): string {
  const [held, rows] = [unwrap(openDataset(test)), unwrap(openDataset(train))];
  const cleaning = {
    blank: 0,
    badLabel: 0,
    duplicateInTrain: 0,
    duplicateInTest: 0,
    trainAlsoInTest: 0,
    conflicting: 0,
  };
  const profile: DataProfile & { readonly version: number } = {
    version: 2,
    collected: held.rows + rows.rows,
    cleaning,
    statistics: { train: datasetStatistics(rows), test: datasetStatistics(held) },
    leaked: 0,
    limits: {},
  };
  writeFileSync(path('profile.json'), JSON.stringify(profile));
  return path('profile.json');
}

interface Case {
  readonly challenger: Partial<ThresholdModel>;
  readonly champion?: Partial<ThresholdModel> | 'lost';
  readonly params?: Params;
  readonly test?: Rows;
  readonly train?: Rows;
  /** What the champion was fitted on. */
  readonly learned?: Rows;
  readonly labelled?: readonly LabelledRow[];
  readonly override?: string;
  /** False where the pipeline hands on no profile of the data. */
  readonly isProfiled?: boolean;
  /** The challenger's content hash, as the runner knows it. */
  readonly hash?: string;
}

interface Deployed extends RecordedContext<Params> {
  readonly gates: readonly GateRecord[];
  readonly refusal: string | undefined;
}

async function deploy(given: Case): Promise<Deployed> {
  const { test: held = { from: 0, greys: every }, train, learned, labelled = [], override = null } = given;
  for (const name of ['model', 'champion']) rmSync(path(name), { recursive: true, force: true });
  await saveThresholdModel(path('model'), { from: 128, ...given.challenger });
  const testRows = writeRows('test', held);
  let champion: ChampionAnswer | null = null;
  if (given.champion !== undefined) {
    const isLost = given.champion === 'lost';
    if (given.champion !== 'lost') await saveThresholdModel(path('champion'), { from: 128, ...given.champion });
    champion = {
      line: 'greys',
      version: 3,
      modelHash: 'c'.repeat(64),
      folder: path('champion'),
      problem: isLost ? 'it is gone' : null,
      learnedFrom: learned === undefined ? [] : [writeRows('learned', learned)],
    };
  }
  const trainRows = train === undefined ? undefined : writeRows('train', train);
  const isProfiled = given.isProfiled ?? trainRows !== undefined;
  const recorded = stageContext<Params>({
    params: given.params ?? { gate: { accuracy: { min: 0.5 } } },
    deps: {
      model: path('model'),
      metrics: await writeEvaluation(path('model'), testRows),
      test: testRows,
      ...(trainRows === undefined ? {} : { train: trainRows }),
      ...(isProfiled && trainRows !== undefined ? { profile: writeProfile(testRows, trainRows) } : {}),
    },
    hashes: { model: given.hash ?? 'a'.repeat(64) },
    outs: { release: 'json' },
    answers: { engine, pipeline: 'greys', champion, labelledRows: labelled, override },
  });
  made.push(recorded);
  let refusal: string | undefined;
  try {
    await stage.run(recorded.context);
  } catch (error) {
    const fault = raisedFailure(error);
    if (fault?.code !== 'STAGE_REFUSED') throw error;
    refusal = failureText(fault);
  }
  const gates = recorded.records.flatMap((record) => (record.kind === 'gate' ? [record] : []));
  return { ...recorded, gates, refusal };
}

const of = ({ gates }: Deployed, gate: string) =>
  gates.filter((row) => row.gate === gate).map(({ name, slice, rows, verdict }) => [name, slice, rows, verdict]);

const effectOf = ({ effects }: Deployed) =>
  effects.map((effect) => [effect.kind, 'reason' in effect ? effect.reason : '']);

describe('a challenger on the very rows of this run', () => {
  test('that is proven better goes live, and the ledger hears why', async () => {
    const deployed = await deploy({ challenger: { from: 128 }, champion: { from: 150 } });
    expect(of(deployed, 'champion')).toEqual([
      ['accuracyDifference', 'test', 200, 'better'],
      ['accuracyDifference', 'feedback', 0, 'not_enough_evidence'],
      ['recallDifference', 'class dark', 100, 'not_enough_evidence'],
      ['recallDifference', 'class light', 100, 'better'],
    ]);
    expect(effectOf(deployed)).toEqual([
      [
        'deploy',
        'proven better than greys v3: accuracyDifference, test +0.1100 (+0.0738 to +0.1609) on 200 rows, better',
      ],
    ]);
  });

  test('that is not proven better is kept back, and nothing is registered', async () => {
    const deployed = await deploy({ challenger: { from: 128 }, champion: { from: 131 } });
    expect(of(deployed, 'champion')[0]).toEqual(['accuracyDifference', 'test', 200, 'not_enough_evidence']);
    expect(effectOf(deployed)[0]?.[0]).toBe('keep');
    expect(JSON.parse(readFileSync(deployed.context.outs['release'] ?? '', 'utf8'))).toMatchObject({ line: 'greys' });
  });

  test('that is proven worse is kept back, too', async () => {
    const deployed = await deploy({ challenger: { from: 150 }, champion: { from: 128 } });
    expect(of(deployed, 'champion')[0]?.[3]).toBe('worse');
    expect(effectOf(deployed)[0]?.[0]).toBe('keep');
  });

  test('may be asked to be no worse', async () => {
    const greys = Array.from({ length: 4000 }, (_, at) => at % 256);
    const require = { gate: { accuracy: { min: 0.5 } }, champion: { require: 'not worse', margin: 0.01 } } as const;
    const same = { challenger: { from: 128, slope: 90 }, champion: { from: 128 }, test: { from: 0, greys } };
    expect(effectOf(await deploy({ ...same, params: require }))[0]?.[0]).toBe('deploy');
    expect(effectOf(await deploy(same))[0]?.[0]).toBe('keep');
  });

  test('may be compared by macro F1', async () => {
    const params = { gate: { accuracy: { min: 0.5 } }, champion: { metric: 'macroF1' } } as const;
    const deployed = await deploy({ challenger: { from: 128 }, champion: { from: 150 }, params });
    expect(of(deployed, 'champion')[0]).toEqual(['macroF1Difference', 'test', 200, 'better']);
    expect(deployed.gates.find(({ name }) => name === 'macroF1Difference')?.pValue).toBeNull();
  });
});

describe('rows that one of the two learned from', () => {
  const champion = { from: 150 };

  test('are left out by their id', async () => {
    // The same ids as the test rows with greys 28 to 177, whatever they held then.
    const learned = { from: 0, greys: Array.from({ length: 150 }, () => 1) };
    const deployed = await deploy({ challenger: {}, champion, learned });
    expect(of(deployed, 'champion')[0]?.[2]).toBe(50);
    expect(deployed.gates.find(({ slice }) => slice === 'test')?.note).toBe(
      '150 left out that one of them learned from',
    );
  });

  test('are left out by what they hold', async () => {
    const learned = { from: 5000, greys: [28, 29, 30, 1, 2] };
    const train = { from: 6000, greys: [31, 32, 3] };
    const deployed = await deploy({ challenger: {}, champion, learned, train });
    expect(of(deployed, 'champion')[0]?.[2]).toBe(195);
  });

  test('that are all of them leave nothing to prove anything on', async () => {
    const deployed = await deploy({ challenger: {}, champion, learned: { from: 0, greys: every } });
    expect(of(deployed, 'champion')).toEqual([
      ['accuracyDifference', 'test', 0, 'not_enough_evidence'],
      ['accuracyDifference', 'feedback', 0, 'not_enough_evidence'],
    ]);
    expect(effectOf(deployed)).toEqual([
      ['keep', 'not proven better than greys v3: there are no rows to compare them on'],
    ]);
  });

  test('are not known where nothing says what the champion learned from, and that is said', async () => {
    const deployed = await deploy({ challenger: {}, champion });
    expect(deployed.gates.find(({ slice }) => slice === 'test')?.note).toBe(
      'what the champion learned from is not known',
    );
  });
});

describe('what people have labelled', () => {
  const label = (labelId: number, grey: number, truth = grey >= 128 ? 1 : 0): LabelledRow => ({
    labelId,
    label: truth,
    input: Uint8Array.of(grey),
  });
  const labelled = Array.from({ length: 60 }, (_, at) => label(at + 1, 128 + (at % 20)));
  const train = { from: 9000, greys: [0] };

  test('proves a challenger that the test set cannot tell apart', async () => {
    const test = { from: 0, greys: [10, 250, 20, 240] };
    const deployed = await deploy({ challenger: { from: 128 }, champion: { from: 150 }, test, train, labelled });
    expect(of(deployed, 'champion').slice(0, 2)).toEqual([
      ['accuracyDifference', 'test', 4, 'not_enough_evidence'],
      ['accuracyDifference', 'feedback', 60, 'better'],
    ]);
    expect(effectOf(deployed)[0]?.[0]).toBe('deploy');
  });

  test('is left out where it has been learned from, and where it does not fit', async () => {
    const learned = { from: 1_000_000_001, greys: [128, 129, 130] };
    const unfit = [{ labelId: 99, label: 1, input: Uint8Array.of(1, 2) }, label(98, 5, 7)];
    const deployed = await deploy({
      challenger: {},
      champion: { from: 150 },
      learned,
      train,
      labelled: [...labelled, ...unfit],
    });
    const feedback = deployed.gates.find(({ slice }) => slice === 'feedback');
    // Label ids 1 to 3, and every other row of those three greys.
    expect(feedback?.rows).toBe(51);
    expect(feedback?.note).toBe('2 do not fit; 9 left out that one of them learned from');
  });

  test('may be left alone', async () => {
    const params = { gate: { accuracy: { min: 0.5 } }, champion: { feedback: 0 } };
    const deployed = await deploy({ challenger: {}, champion: { from: 150 }, labelled, params });
    expect(of(deployed, 'champion').some(([, slice]) => slice === 'feedback')).toBe(false);
  });
});

describe('a champion that cannot be compared with', () => {
  test('because there is none is a case of its own', async () => {
    const deployed = await deploy({ challenger: {} });
    expect(of(deployed, 'champion')).toEqual([['champion', null, null, 'first_model']]);
    expect(effectOf(deployed)).toEqual([['deploy', 'first model of its line, passed 2 checks']]);
  });

  test('because it holds the same bytes is already live', async () => {
    const deployed = await deploy({ challenger: {}, champion: { from: 150 }, hash: 'c'.repeat(64) });
    expect(of(deployed, 'champion')).toEqual([['champion', null, null, 'already_live']]);
    expect(effectOf(deployed)).toEqual([['deploy', 'already live']]);
  });

  test('because its files are gone refuses', async () => {
    const { refusal, effects } = await deploy({ challenger: {}, champion: 'lost' });
    expect(refusal).toMatch(/champion {2}champion +- +lost: greys v3 is on record, but it is gone\n/);
    expect(effects).toEqual([]);
  });

  test('because it holds the same bytes is already live even where its files are gone: they are laid out again', async () => {
    const deployed = await deploy({ challenger: {}, champion: 'lost', hash: 'c'.repeat(64) });
    expect(effectOf(deployed)).toEqual([['deploy', 'already live']]);
  });

  test.each([
    [
      'classes',
      { classes: ['black', 'white'] as const },
      'it knows the classes dark, light; the champion black, white',
    ],
    ['shape', { pixels: 2 }, 'it takes rows of 1 x 1 values, the champion rows of 1 x 2'],
  ])('because of its %s refuses', async (_, champion, reason) => {
    const deployed = await deploy({ challenger: {}, champion });
    expect(of(deployed, 'champion')).toEqual([['champion', null, null, 'not_comparable']]);
    expect(deployed.refusal).toContain(`not comparable: ${reason}`);
  });
});

describe('the data', () => {
  const greys = Array.from({ length: 600 }, (_, at) => (at * 7) % 256);
  const train = { from: 7000, greys: greys.filter((grey) => grey < 28 || grey > 227) };

  test('are judged again beside the champion of now', async () => {
    const same = await deploy({ challenger: {}, champion: { from: 150 }, train, learned: train });
    expect(of(same, 'data').filter(([, , , verdict]) => verdict !== 'passed')).toEqual([
      ['testValues', 'pixels', 200, 'not_enough_evidence'],
    ]);
    const bright = { from: 8000, greys: greys.map((grey) => (grey < 128 ? 255 : 228)) };
    const refused = await deploy({
      challenger: {},
      champion: { from: 150 },
      train: { from: 7000, greys: greys.map((grey) => grey % 28) },
      learned: bright,
    });
    expect(refused.refusal).toContain('values, pixels');
    expect(
      of(refused, 'data')
        .filter(([, , , verdict]) => verdict === 'refused')
        .map(([name]) => name),
    ).toEqual(['range', 'values', 'layout', 'classBalance']);
    expect(refused.effects).toEqual([]);
  });

  test('with a test row among the training rows are refused, whatever the profile says', async () => {
    const leaking = await deploy({ challenger: {}, train: { from: 7000, greys: [...train.greys, 100, 101] } });
    expect(leaking.gates.find(({ name }) => name === 'leakage')).toMatchObject({
      value: 2,
      threshold: 0,
      verdict: 'refused',
      rows: 200,
    });
    expect(leaking.refusal).toContain('data      leakage');
    expect(leaking.effects).toEqual([]);
  });

  test('of a first model, or of a champion whose rows are gone, have no reference, and that is a row', async () => {
    const first = await deploy({ challenger: {}, train });
    expect(of(first, 'data').at(-1)).toEqual(['reference', null, null, 'first_model']);
    const gone = await deploy({ challenger: {}, champion: { from: 150 }, train });
    expect(of(gone, 'data').at(-1)).toEqual(['reference', null, null, 'no_reference']);
  });

  test('that nothing is known of are told to be so', async () => {
    const unknown = await deploy({ challenger: {}, train, isProfiled: false });
    expect(unknown.gates.filter(({ gate }) => gate === 'data')).toMatchObject([
      { name: 'profile', verdict: 'warning', note: 'no dep profile is declared: the data are not judged here' },
    ]);
  });
});

describe('the floors', () => {
  test('refuse with one table of every value and limit, and hear nothing of the champion’s', async () => {
    const params = { gate: { accuracy: { min: 0.99 }, recall: { min: 0.9 }, sizeBytes: { max: 10 } } };
    const { refusal, effects } = await deploy({ challenger: { from: 150 }, params });
    const lines = refusal?.split('\n') ?? [];
    expect(lines[0]).toBe('The gates refuse this model: 3 of 7 checks failed. The champion stays.');
    expect(
      lines.filter((line) => line.endsWith('refused')).map((line) => line.trim().split(/ {2,}/).slice(0, 2)),
    ).toEqual([
      ['absolute', 'accuracy'],
      ['absolute', 'recall, class light'],
      ['absolute', 'sizeBytes'],
    ]);
    expect(effects).toEqual([]);
  });

  test('take the time of one row only where somebody asks', async () => {
    const limited = await deploy({ challenger: {}, params: { gate: { latencyP99Ms: { max: 60_000 } } } });
    const [row] = limited.gates.filter(({ name }) => name === 'latencyP99Ms');
    expect(row?.verdict).toBe('passed');
    expect(row?.value).toBeGreaterThan(0);
    expect(row?.rows).toBeGreaterThan(0);
    const release = readFileSync(limited.context.outs['release'] ?? '', 'utf8');
    expect(release).not.toMatch(/latency|Ms/);
  });

  test('may be overridden, with the reason', async () => {
    const params = { gate: { accuracy: { min: 0.99 } } };
    const { effects, gates } = await deploy({ challenger: { from: 150 }, params, override: 'the demo is today' });
    expect(effects).toMatchObject([
      { kind: 'deploy', override: 'the demo is today', passed: false, reason: '1 of 4 checks refused it' },
    ]);
    expect(gates.map(({ verdict }) => verdict)).toEqual(['warning', 'refused', 'first_model', 'passed']);
  });
});

describe('a broken model', () => {
  test('is refused whatever a person says', async () => {
    await saveThresholdModel(path('model'), { from: 128 });
    const test = writeRows('test', { from: 0, greys: every });
    const metrics = await writeEvaluation(path('model'), test);
    const golden = JSON.parse(readFileSync(`${path('model')}/golden.json`, 'utf8')) as { outputs: number[] };
    writeFileSync(
      `${path('model')}/golden.json`,
      JSON.stringify({ ...golden, outputs: golden.outputs.map((v) => 1 - v) }),
    );
    const recorded = stageContext<Params>({
      params: { gate: { accuracy: { min: 0.5 } } },
      deps: { model: path('model'), metrics, test },
      outs: { release: 'json' },
      answers: { engine, pipeline: 'greys', champion: null, labelledRows: [], override: 'I want it' },
    });
    made.push(recorded);
    await expect(stage.run(recorded.context)).rejects.toThrow('nothing puts it live');
    expect(recorded.effects).toEqual([]);
  });
});
