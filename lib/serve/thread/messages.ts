import type { EngineChoice } from '../../domain/engine.ts';
import type { Failure } from '../../domain/failure.ts';
import type { ModelCard } from '../../domain/model.ts';

/** What a thread is started with. */
export interface ThreadStart {
  /** The version's folder. */
  readonly folder: string;
  /** Rows of the largest batch it will be asked for. */
  readonly batchRows: number;
}

/** From the server to a thread. */
export type ToThread =
  /** `values` holds rows x features raw values as 32-bit floats, and is handed over. */
  { readonly type: 'ask'; readonly values: ArrayBuffer; readonly rows: number } | { readonly type: 'close' };

/** How long a batch of so many rows took, in milliseconds. */
export interface BatchTime {
  readonly rows: number;
  readonly ms: number;
}

/** What a thread tells once its model is loaded, warm, and has passed its own test. */
export interface ThreadReady {
  readonly type: 'ready';
  readonly card: ModelCard;
  readonly engine: EngineChoice;
  /** The largest difference from the answers training gave. */
  readonly maxDifference: number;
  readonly warmUp: readonly BatchTime[];
}

/** From a thread to the server. */
export type FromThread =
  | ThreadReady
  | { readonly type: 'refused'; readonly failure: Failure }
  /** rows x classes probabilities; `values` comes back to be used again. */
  | { readonly type: 'answers'; readonly answers: Float32Array; readonly values: ArrayBuffer; readonly ms: number }
  | { readonly type: 'failed'; readonly problem: string; readonly values: ArrayBuffer };
