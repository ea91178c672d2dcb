import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deploy, of } from './deploy-case.ts';

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
    expect(lines[0]).toBe('The gates refuse this model: 3 of 10 checks failed. The champion stays.');
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
      { kind: 'deploy', override: 'the demo is today', passed: false, reason: '1 of 7 checks refused it' },
    ]);
    expect(gates.map(({ verdict }) => verdict)).toEqual([
      'warning',
      'refused',
      'first_model',
      ...Array(4).fill('passed'),
    ]);
  });
});

test('a broken model is refused whatever a person says', async () => {
  const { refusal, effects } = await deploy({ challenger: {}, isBroken: true, override: 'I want it' });
  expect(refusal).toContain('It does not answer as it was trained to, so nothing puts it live.');
  expect(effects).toEqual([]);
});
