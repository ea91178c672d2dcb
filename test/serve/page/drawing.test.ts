import fc from 'fast-check';
import { expect, test } from 'vitest';
import { centreOfMass, type Drawing, toImage } from '../../../lib/serve/page/browser/drawing.ts';

const SIDE = 28;

/** The rows and columns that have ink of at least half. */
function inkBox(image: Uint8Array): { readonly width: number; readonly height: number } {
  const inked = [...image.keys()].filter((at) => (image[at] as number) >= 128);
  const columns = inked.map((at) => at % SIDE);
  const rows = inked.map((at) => Math.floor(at / SIDE));
  return {
    width: Math.max(...columns) - Math.min(...columns) + 1,
    height: Math.max(...rows) - Math.min(...rows) + 1,
  };
}

const RING: Drawing = [
  Array.from({ length: 40 }, (_, at) => ({
    x: 0.5 + 0.2 * Math.sin((at / 39) * 2 * Math.PI),
    y: 0.5 + 0.4 * Math.cos((at / 39) * 2 * Math.PI),
  })),
];

test('nothing drawn is no image', () => {
  expect(toImage([])).toHaveLength(0);
});

test('a ring fills the box of 20 pixels on its longer side, in proportion, with its middle in the middle', () => {
  const image = toImage(RING);
  expect(image).toHaveLength(SIDE * SIDE);
  expect(inkBox(image)).toEqual({ width: 12, height: 20 });
  expect(centreOfMass(image).x).toBeCloseTo(14, 1);
  expect(centreOfMass(image).y).toBeCloseTo(14, 1);
  expect([Math.max(...image), image[0]]).toEqual([255, 0]);
  // The middle of a ring is empty.
  expect(image[14 * SIDE + 14]).toBe(0);
});

test('a line is as wide as MNIST’s, however large it was drawn', () => {
  for (const length of [0.2, 0.5, 1]) {
    const image = toImage([
      [
        { x: 0.3, y: 0 },
        { x: 0.3, y: length },
      ],
    ]);
    expect(inkBox(image)).toEqual({ width: 2, height: 20 });
  }
});

test('a dot stays a dot', () => {
  expect(inkBox(toImage([[{ x: 0.8, y: 0.1 }]]))).toEqual({ width: 2, height: 2 });
});

test('what is heavier on one side is moved so that its mass is in the middle, not its box', () => {
  const flag = toImage([
    [
      { x: 0.5, y: 0.1 },
      { x: 0.5, y: 0.9 },
    ],
    [
      { x: 0.5, y: 0.1 },
      { x: 0.9, y: 0.1 },
    ],
  ]);
  const { x, y } = centreOfMass(flag);
  expect(Math.hypot(x - 14, y - 14)).toBeLessThan(0.25);
});

test('where on the pad it was drawn, and how large, changes nothing', () => {
  const coordinate = fc.double({ min: 0, max: 1, noNaN: true });
  const stroke = fc.array(fc.record({ x: coordinate, y: coordinate }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(
      fc.array(stroke, { minLength: 1, maxLength: 3 }),
      fc.double({ min: 0.5, max: 2, noNaN: true }),
      coordinate,
      coordinate,
      (drawing, scale, dx, dy) => {
        const points = drawing.flat();
        const size = Math.max(
          ...(['x', 'y'] as const).map((axis) => {
            const values = points.map((point) => point[axis]);
            return Math.max(...values) - Math.min(...values);
          }),
        );
        // Smaller ones are taken for dots.
        fc.pre(size > 0.3);
        const moved = drawing.map((one) => one.map(({ x, y }) => ({ x: dx + scale * x, y: dy + scale * y })));
        const [image, same] = [toImage(drawing), toImage(moved)];
        const largest = image.reduce((most, value, at) => Math.max(most, Math.abs(value - (same[at] as number))), 0);
        expect(largest).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 200 },
  );
});
