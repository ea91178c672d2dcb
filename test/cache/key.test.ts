import { describe, expect, test } from 'vitest';
import { compareKeys, explainChanges, type KeyParts, makeKey } from '../../lib/cache/key.ts';

const PARTS: KeyParts = {
  code: 'aaa',
  params: { learningRate: 0.001, grid: { hidden: [[64]] } },
  deps: { data: 'd1' },
  outs: { model: 'model' },
  seed: 42,
  env: {},
  reads: { engine: 'e1' },
  packages: { 'tfjs-core': '4.22.0' },
  platform: 'node 20 linux x64',
};

const explain = (more: Partial<KeyParts>): string =>
  explainChanges(compareKeys(makeKey(PARTS).parts, makeKey({ ...PARTS, ...more }).parts));

describe('a key', () => {
  test('does not depend on the order names are written in', () => {
    const turned = Object.fromEntries(Object.entries(PARTS).reverse()) as unknown as KeyParts;
    expect(makeKey(turned).hash).toBe(makeKey(PARTS).hash);
  });

  test.each<[Partial<KeyParts>, string]>([
    [{ code: 'bbb' }, 'code changed'],
    [{ params: { learningRate: 0.003, grid: { hidden: [[64]] } } }, 'params.learningRate 0.001 -> 0.003'],
    [{ params: { learningRate: 0.001, grid: { hidden: [[64], [32]] } } }, 'params.grid.hidden [[64]] -> [[64],[32]]'],
    [{ deps: { data: 'd2' } }, 'data changed'],
    [{ deps: { data: 'd1', more: 'x' } }, 'new dep more'],
    [{ deps: {} }, 'dep data is gone'],
    [{ reads: { engine: 'e2' } }, 'engine changed'],
    [{ seed: 43 }, 'seed 42 -> 43'],
  ])('of %j is another, because %s', (more, why) => {
    expect(makeKey({ ...PARTS, ...more }).hash).not.toBe(makeKey(PARTS).hash);
    expect(explain(more)).toBe(why);
  });

  test('that differs in many parts names three', () => {
    expect(explain({ code: 'b', seed: 1, deps: { data: 'x' }, reads: { engine: 'y' } })).toBe(
      'code changed, data changed, engine changed, 1 more',
    );
  });
});
