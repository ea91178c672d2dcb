import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { LabelledRow } from '../../lib/domain/questions.ts';
import { deploy, effectOf, every, of } from './deploy-case.ts';

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
    expect(deployed.refusal).toBeUndefined();
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
    expect(effectOf(deployed)).toEqual([['deploy', 'first model of its line, passed 5 checks']]);
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

  test.each(['mlloop.json', 'model.json'])('because its %s cannot be read refuses', async (damaged) => {
    const { refusal, effects } = await deploy({ challenger: {}, champion: {}, damaged });
    expect(refusal).toMatch(/champion {2}champion +- +lost: greys v3 is on record, but /);
    expect(effects).toEqual([]);
  });

  test('whose training rows cannot be read is compared on all rows, and that is said', async () => {
    const deployed = await deploy({ challenger: {}, champion: { from: 150 }, isUnreadable: true });
    expect(deployed.gates.find(({ slice }) => slice === 'test')).toMatchObject({
      rows: 200,
      note: 'what the champion learned from is not known',
    });
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
