import type { EngineChoice } from '../domain/engine.ts';
import type { Failure } from '../domain/failure.ts';
import type { Hyperparameters, ModelSpec, Transform } from '../domain/model.ts';
import type { Result } from '../util/result.ts';

/** Raw rows and their class indices. */
export interface Rows {
  readonly count: number;
  /** count x features raw values, row-major, as the dataset holds them. */
  readonly inputs: Uint8Array | Float32Array | Int32Array;
  /** Class index of each row. */
  readonly labels: Int32Array;
}

/** One trained array, by the name it has in the saved model. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What one epoch came to; validation numbers are null where no rows are held out. */
export interface EpochMetrics {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the rows seen, as they were seen: the weights move while it is taken. */
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
}

export interface FitRequest {
  readonly spec: ModelSpec;
  readonly hyperparameters: Hyperparameters;
  readonly transform: Transform;
  /** A positive integer: initial weights, order of rows and dropout derive from it. */
  readonly seed: number;
  readonly train: Rows;
  readonly validation: Rows | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onEpoch?: (metrics: EpochMetrics) => void;
  /** Called now and then inside an epoch: the epoch, from 1, and the share of it that is done. */
  readonly onBatch?: (epoch: number, share: number) => void;
}

export interface Fitted {
  readonly weights: readonly Weight[];
  readonly history: readonly EpochMetrics[];
  /** The epoch whose weights these are, from 1. */
  readonly keptEpoch: number;
}

export interface PredictRequest {
  readonly spec: ModelSpec;
  readonly transform: Transform;
  readonly weights: readonly Weight[];
  readonly inputs: Rows['inputs'];
  readonly count: number;
}

/** Something that fits and answers models. Every engine passes the same conformance suite. */
export interface Engine {
  readonly choice: EngineChoice;
  /** Fits a model; a loss that is not finite is a failure. The same request gives the same bytes. */
  fit(request: FitRequest): Promise<Result<Fitted, Failure>>;
  /** count x outputs, row-major: probabilities where the last layer is a softmax. */
  predict(request: PredictRequest): Promise<Float32Array>;
  /** Mean loss over the rows and its gradient for every weight, in the order of the weights. No dropout. */
  gradients(
    request: PredictRequest & { readonly targets: Float32Array },
  ): Promise<{ loss: number; gradients: readonly Weight[] }>;
}
