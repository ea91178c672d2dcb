import type { Rng } from '../../util/rng.ts';

/** What makes one written digit look different from another of the same skeleton. */
export interface Handwriting {
  /** How far single points of the skeleton stray, in box lengths. */
  readonly jitter: number;
  /** 0: the line passes through every point of the skeleton; 1: it cuts bends short. */
  readonly roundness: number;
  /** Width against height, before the digit is fitted into its box. */
  readonly aspect: number;
  /** Horizontal shear: positive leans right. */
  readonly slant: number;
  /** Radians. */
  readonly rotation: number;
  /** Half the width of the line, in pixels. */
  readonly penRadius: number;
  /** How much the pressure changes the line's width along a stroke, and at its ends. */
  readonly pressure: number;
  readonly taper: number;
  /** Amplitude of the slow waver of the whole digit, in box lengths, and its phases. */
  readonly wobble: number;
  readonly phases: readonly [number, number, number, number];
  /** The longer side of the digit, in pixels. */
  readonly size: number;
  /** How dark the ink is (above 255 its middle saturates), and how uneven. */
  readonly ink: number;
  readonly grain: number;
  /** Width of the soft edge, in pixels. */
  readonly softness: number;
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** One person's mood of the moment; spreads chosen so that digits vary like MNIST's and a few are hard to read. */
export function createHandwriting(rng: Rng): Handwriting {
  const phase = (): number => rng.between(0, 2 * Math.PI);
  return {
    jitter: rng.between(0.01, 0.044),
    roundness: rng.between(0.35, 1),
    aspect: clamp(1.02 + 0.22 * rng.normal(), 0.55, 1.6),
    slant: clamp(0.17 + 0.18 * rng.normal(), -0.4, 0.7),
    rotation: clamp(0.085 * rng.normal(), -0.3, 0.3),
    penRadius: clamp(1.38 + 0.32 * rng.normal(), 0.65, 2.3),
    pressure: rng.between(0.03, 0.3),
    taper: rng.between(0, 0.5),
    wobble: rng.between(0.005, 0.04),
    phases: [phase(), phase(), phase(), phase()],
    size: rng.between(18.5, 20.2),
    ink: rng.between(240, 290),
    grain: rng.between(0, 0.12),
    softness: rng.between(0.9, 1.5),
  };
}
