import { describe, expect, test } from 'vitest';
import type { ReferenceFeatures } from '../../../lib/domain/drift.ts';
import { featureBins, featureDrift, featureName, featureText } from '../../../lib/monitor/drift/features.ts';
import { countUp } from '../../../lib/util/count-up.ts';
import { createRng } from '../../../lib/util/rng.ts';

const WIDTH = 6;

/** Rows of bytes; `shift` is added to the feature that is named. */
function rows(count: number, seed: number, { feature = -1, shift = 0 } = {}) {
  const rng = createRng(seed);
  const data = Uint8Array.from(
    { length: count * WIDTH },
    (_, at) => rng.int(200) + (at % WIDTH === feature ? shift : 0),
  );
  return { data, rows: count, width: WIDTH };
}

const reference = featureBins(rows(1000, 1), countUp(1000)) as ReferenceFeatures;

describe('feature by feature', () => {
  test('a reference has ten bins of about as many rows each', () => {
    expect(reference.edges).toHaveLength(WIDTH);
    for (const counts of reference.counts) {
      expect(counts).toHaveLength(10);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000);
      for (const count of counts) expect(Math.abs(count - 100)).toBeLessThan(20);
    }
  });

  test('rows of the same kind have moved nowhere', () => {
    expect(featureDrift(reference, rows(2000, 2), 0.01)).toMatchObject({ moved: 0, worst: [] });
  });

  test('a feature that moved is named, and it alone', () => {
    const found = featureDrift(reference, rows(2000, 2, { feature: 4, shift: 40 }), 0.01);
    expect(found?.moved).toBe(1);
    expect(found?.worst.map(({ feature }) => feature)).toEqual([4]);
    expect(found?.values).toHaveLength(WIDTH);
    const window = { features: found ?? undefined, simulated: true };
    expect(featureText(window as Parameters<typeof featureText>[0], [2, 3])).toMatch(
      /^feature by feature, 1 of 6 have moved in the SIMULATED rows, most pixel \(1, 1\) PSI \d\.\d{3}$/,
    );
  });

  test('a feature that was always the same and no longer is has moved as well', () => {
    const constant = { data: new Uint8Array(1000), rows: 1000, width: 1 };
    const bins = featureBins(constant, countUp(1000)) as ReferenceFeatures;
    expect(featureDrift(bins, constant, 0.01)).toMatchObject({ moved: 0 });
    const lit = { ...constant, data: new Uint8Array(1000).fill(9) };
    expect(featureDrift(bins, lit, 0.01)).toMatchObject({ moved: 1 });
  });

  test('nothing is said of few rows, of rows of another width, or where there are too many features', () => {
    expect(featureDrift(reference, rows(499, 2), 0.01)).toBeNull();
    expect(featureDrift(reference, { ...rows(1200, 2), rows: 600, width: 12 }, 0.01)).toBeNull();
    expect(featureBins({ data: new Uint8Array(5001), rows: 1, width: 5001 }, [0])).toBeUndefined();
  });

  test('a feature of a table is known by its number', () => {
    expect(featureName(7, [10])).toBe('feature 7');
    expect(featureName(29, [28, 28])).toBe('pixel (1, 1)');
  });
});
