import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochOrder, gatherBatch, oneHot } from '../../lib/ml/batches.ts';

describe('the order of an epoch', () => {
  test('has every row once, for any count, seed and epoch', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 1 }), fc.integer({ min: 1, max: 50 }), (count, seed, epoch) => {
        expect([...epochOrder(count, seed, epoch)].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
      }),
    );
  });

  test('is another one in every epoch', () => {
    expect(epochOrder(50, 1, 1)).not.toEqual(epochOrder(50, 1, 2));
    expect(epochOrder(50, 1, 1)).toEqual(epochOrder(50, 1, 1));
  });
});

describe('a batch', () => {
  const rows = { count: 3, inputs: Uint8Array.of(0, 255, 51, 102, 5, 10), labels: Int32Array.of(2, 0, 1) };

  test('takes rows in order, scaled; the last one may be smaller', () => {
    const transform = { kind: 'affine', scale: [1 / 255], offset: [0] } as const;
    const order = Int32Array.of(1, 2, 0);
    const last = gatherBatch(rows, order, { from: 2, size: 2, transform });
    expect([last.count, [...last.inputs], [...last.labels]]).toEqual([1, [0, 1], [2]]);
    const first = gatherBatch(rows, order, { from: 0, size: 2, transform });
    expect(first.inputs).toEqual(Float32Array.of(0.2, 0.4, 5 / 255, 10 / 255));
  });

  test('scales every column by its own pair where there are several', () => {
    const transform = { kind: 'affine', scale: [1, 2], offset: [10, 0] } as const;
    const batch = gatherBatch(rows, Int32Array.of(1), { from: 0, size: 1, transform });
    expect([...batch.inputs]).toEqual([61, 204]);
  });
});

test('labels become rows of zeros with a one', () => {
  expect([...oneHot(Int32Array.of(1, 0), 3)]).toEqual([0, 1, 0, 1, 0, 0]);
});
