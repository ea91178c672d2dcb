import type { Rng } from '../../util/rng.ts';
import type { Handwriting } from './handwriting.ts';
import type { Skeleton, SkeletonPoint } from './skeletons.ts';

/** Points the pen touches, in order: x, y and the pen's radius there. A stroke ends where the next array begins. */
export interface PenPoint {
  x: number;
  y: number;
  radius: number;
}

export type PenPath = readonly (readonly PenPoint[])[];

/** Points drawn between two points of a skeleton. */
const STEPS = 6;

type Point = Pick<SkeletonPoint, 'x' | 'y'>;

/** The neighbour that shapes the curve beyond `near`: at corners and ends, where there is none, the way straight on. */
function neighbour(near: SkeletonPoint, next: Point, beyond: SkeletonPoint | undefined): Point {
  return near.isCorner || beyond === undefined ? { x: 2 * near.x - next.x, y: 2 * near.y - next.y } : beyond;
}

/** Weights of four points in a row at `t` between the middle two. */
function curveWeights(t: number, roundness: number): readonly [number, number, number, number] {
  const [t2, t3] = [t * t, t * t * t];
  const through = [
    (-t3 + 2 * t2 - t) / 2,
    (3 * t3 - 5 * t2 + 2) / 2,
    (-3 * t3 + 4 * t2 + t) / 2,
    (t3 - t2) / 2,
  ] as const;
  const near = [(1 - t) ** 3 / 6, (3 * t3 - 6 * t2 + 4) / 6, (-3 * t3 + 3 * t2 + 3 * t + 1) / 6, t3 / 6] as const;
  const mix = (at: 0 | 1 | 2 | 3): number => roundness * near[at] + (1 - roundness) * through[at];
  return [mix(0), mix(1), mix(2), mix(3)];
}

/**
 * A curve along the points, broken at corners: between the spline through all of them (Catmull and Rom, 1974) and the uniform
 * cubic B-spline, which cuts bends short as a quick hand does.
 */
function smooth(points: readonly SkeletonPoint[], roundness: number): PenPoint[] {
  const path: PenPoint[] = [];
  const weights = Array.from({ length: STEPS + 1 }, (_, step) => curveWeights(step / STEPS, roundness));
  for (let at = 0; at + 1 < points.length; at++) {
    const from = points[at] as SkeletonPoint;
    const to = points[at + 1] as SkeletonPoint;
    const before = neighbour(from, to, points[at - 1]);
    const after = neighbour(to, from, points[at + 2]);
    for (const [a, b, c, d] of at === 0 ? weights : weights.slice(1)) {
      const x = a * before.x + b * from.x + c * to.x + d * after.x;
      const y = a * before.y + b * from.y + c * to.y + d * after.y;
      path.push({ x, y, radius: 1 });
    }
  }
  return path;
}

/** Moves every point of a skeleton a little; ends of strokes stray most, as hands overshoot and stop short. */
function shake(points: readonly SkeletonPoint[], jitter: number, rng: Rng): SkeletonPoint[] {
  return points.map((point, at) => {
    const reach = at === 0 || at === points.length - 1 ? 1.5 * jitter : jitter;
    return { x: point.x + reach * rng.normal(), y: point.y + reach * rng.normal(), isCorner: point.isCorner };
  });
}

/** Pressure: the line swells and thins along the stroke and runs out at its end. */
function press(path: readonly PenPoint[], hand: Handwriting, phase: number): void {
  const last = Math.max(1, path.length - 1);
  path.forEach((point, at) => {
    const along = at / last;
    const swell = 1 + hand.pressure * Math.sin(phase + 5 * along);
    const runOut = 1 - hand.taper * Math.max(0, (along - 0.8) / 0.2);
    point.radius = hand.penRadius * swell * runOut;
  });
}

/** Waver, slant, aspect and rotation, in place. */
function bend(path: PenPath, hand: Handwriting): void {
  const [a, b, c, d] = hand.phases;
  const [cos, sin] = [Math.cos(hand.rotation), Math.sin(hand.rotation)];
  for (const point of path.flat()) {
    const wavedX = point.x + hand.wobble * (Math.sin(a + 7 * point.y) + Math.sin(b + 12 * point.y));
    const wavedY = point.y + hand.wobble * (Math.sin(c + 6 * point.x) + 0.5 * Math.sin(d + 11 * point.x));
    const x = (wavedX - 0.5) * hand.aspect - hand.slant * (wavedY - 0.5);
    const y = wavedY - 0.5;
    point.x = x * cos - y * sin;
    point.y = x * sin + y * cos;
  }
}

/** Scales the path so that the inked digit's longer side has its size, and puts its centre of mass into the middle. */
function fitIntoBox(path: PenPath, hand: Handwriting, middle: number): void {
  const points = path.flat();
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const extent = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys), 1e-6);
  const scale = (hand.size - 2 * hand.penRadius) / extent;
  let [mass, massX, massY] = [0, 0, 0];
  for (const stroke of path) {
    for (let at = 1; at < stroke.length; at++) {
      const [from, to] = [stroke[at - 1] as PenPoint, stroke[at] as PenPoint];
      const weight = Math.hypot(to.x - from.x, to.y - from.y) * (from.radius + to.radius) + 1e-9;
      mass += weight;
      massX += (weight * (from.x + to.x)) / 2;
      massY += (weight * (from.y + to.y)) / 2;
    }
  }
  for (const point of points) {
    point.x = (point.x - massX / mass) * scale + middle;
    point.y = (point.y - massY / mass) * scale + middle;
  }
}

/** The way of the pen for one digit, in pixels of an image of the given side. */
export function createPenPath(
  skeleton: Skeleton,
  hand: Handwriting,
  { rng, side }: { rng: Rng; side: number },
): PenPath {
  const path = skeleton.strokes.map((stroke) => smooth(shake(stroke, hand.jitter, rng), hand.roundness));
  for (const stroke of path) press(stroke, hand, rng.between(0, 2 * Math.PI));
  bend(path, hand);
  fitIntoBox(path, hand, side / 2);
  return path;
}
