import type { JsonObject } from '../util/json.ts';
import type { DriftWindow } from './drift.ts';

/** One answered prediction to put on record. */
export interface PredictionEntry {
  readonly predictionId: string;
  /** Raw features, row-major bytes; null when they are not to be kept. */
  readonly input: Uint8Array | null;
  readonly predicted: number;
  readonly probabilities: readonly number[];
  /** The true label, when it is already known. */
  readonly label?: number;
}

/**
 * A change to the world that the runner makes when the attempt commits, in the same transaction. Applying one twice
 * is the same as applying it once.
 */
export type Effect =
  /**
   * Registers the model dep `dep` as the line's next version and points `champion` at it. A version that was rolled back from
   * stays behind, and the champion where it is, unless `override` says why a person wants it all the same. `passed` is false
   * where the gates alone would not have let it through. `against` is the version it was compared with, null for none: where
   * another one is the champion by now, nothing is proven, and the champion stays.
   */
  | {
      readonly kind: 'deploy';
      readonly line: string;
      readonly dep: string;
      readonly metrics: JsonObject;
      readonly reason: string;
      readonly override?: string;
      readonly passed?: boolean;
      readonly against?: number | null;
      /** The dep that holds what later answers are compared with, as JSON. */
      readonly reference?: string;
    }
  /** Puts on record that the champion stays, and why. */
  | { readonly kind: 'keep'; readonly line: string; readonly reason: string }
  /** Replayed predictions with labels; never mixed with real ones. */
  | {
      readonly kind: 'simulate';
      readonly line: string;
      readonly version: number;
      readonly entries: readonly PredictionEntry[];
    }
  /** A window of answers, compared with the version's reference. */
  | { readonly kind: 'drift'; readonly window: DriftWindow }
  /** Accepts every label of the line there is now, for the follow-up run to learn from. */
  | { readonly kind: 'accept'; readonly line: string; readonly simulated: boolean };
