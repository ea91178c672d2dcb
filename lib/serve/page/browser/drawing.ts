import { rasterize } from '../../../data/synthetic-digits/rasterize.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Strokes of a pen on a square pad whose sides are 1 long. */
export type Drawing = readonly (readonly Point[])[];

/** Height and width of the image, and of the box the ink is fitted into: MNIST's. */
const SIDE = 28;
const BOX = 20;

/** Half the width of the line and of its soft edge, in pixels of the image: what is usual in MNIST. */
const RADIUS = 1.35;
const SOFTNESS = 1.2;

/** A drawing smaller than this share of the pad is taken for a small one: a dot is no circle. */
const LEAST_SHARE = 0.12;

/**
 * A drawing as MNIST has its digits (LeCun et al. 1998): fitted into a box of 20 x 20 pixels, sides kept in proportion, ink light
 * on black, in an image of 28 x 28 with the centre of mass in its middle. The line is as wide however large somebody draws.
 * Bytes, row-major; empty for no ink.
 */
export function toImage(drawing: Drawing): Uint8Array {
  const points = drawing.flat();
  if (points.length === 0) return new Uint8Array();
  const [left, right] = extent(points.map(({ x }) => x));
  const [top, bottom] = extent(points.map(({ y }) => y));
  const scale = (BOX - 2 * RADIUS) / Math.max(right - left, bottom - top, LEAST_SHARE);
  const draw = (dx: number, dy: number): Float32Array =>
    rasterize(
      drawing.map((stroke) =>
        // A dot is a line that ends where it begins.
        (stroke.length === 1 ? [...stroke, ...stroke] : stroke).map(({ x, y }) => ({
          x: (x - (left + right) / 2) * scale + SIDE / 2 + dx,
          y: (y - (top + bottom) / 2) * scale + SIDE / 2 + dy,
          radius: RADIUS,
        })),
      ),
      SIDE,
      SOFTNESS,
    );
  const { x, y } = centreOfMass(draw(0, 0));
  return Uint8Array.from(draw(SIDE / 2 - x, SIDE / 2 - y), (ink) => Math.round(255 * Math.max(0, ink)));
}

const extent = (values: readonly number[]): readonly [number, number] =>
  values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);

/** Where the ink lies on average, in pixels. */
export function centreOfMass(ink: ArrayLike<number>): Point {
  let [mass, x, y] = [0, 0, 0];
  for (let at = 0; at < ink.length; at++) {
    const value = Math.max(0, ink[at] as number);
    mass += value;
    x += value * ((at % SIDE) + 0.5);
    y += value * (Math.floor(at / SIDE) + 0.5);
  }
  return mass === 0 ? { x: SIDE / 2, y: SIDE / 2 } : { x: x / mass, y: y / mass };
}
