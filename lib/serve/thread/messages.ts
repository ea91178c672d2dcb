import type { EngineChoice } from '../../domain/engine.ts';
import type { Failure } from '../../domain/failure.ts';
import type { ModelCard } from '../../domain/model.ts';

/** What a thread is started with. */
export interface ThreadStart {
  /** The version's folder. */
  readonly folder: string;
  /** Content hash its files were registered with; undefined where they were not. */
  readonly hash: string | undefined;
  /** Rows of the largest batch it will be asked for. */
  readonly batchRows: number;
}

/** Memory that the server and a thread share, so that a batch is not copied from one to the other. */
export interface SharedRows {
  /** batchRows x features raw values, row-major: the server writes them before it asks. */
  readonly values: Float32Array<SharedArrayBuffer>;
  /** batchRows x classes probabilities: the thread writes them before it answers. */
  readonly answers: Float32Array<SharedArrayBuffer>;
  /**
   * What the server rings a waiting thread with: the number of rows to answer, or to close; the thread sets it back to nothing. A
   * message would cost the event loop several times as much.
   */
  readonly bell: Int32Array<SharedArrayBuffer>;
  /** How many batches the thread has answered; it is written after a batch's answers. */
  readonly answered: Int32Array<SharedArrayBuffer>;
  /** 1 while the server looks at `answered` by itself, and need not be told. */
  readonly watched: Int32Array<SharedArrayBuffer>;
  /** Milliseconds the model took for the last of them. */
  readonly took: Float64Array<SharedArrayBuffer>;
}

export const BELL = { nothing: 0, close: -1 } as const;

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
  readonly shared: SharedRows;
}

/** From a thread to the server: what it says once, and then of each batch, counted from 1, that it is answered, or its problem. */
export type FromThread =
  | ThreadReady
  | { readonly type: 'refused'; readonly failure: Failure }
  | { readonly type: 'answered'; readonly batch: number }
  | { readonly type: 'failed'; readonly batch: number; readonly problem: string };
