import type { ColumnType } from '../domain/dataset.ts';
import type { EngineChoice } from '../domain/engine.ts';
import type { Failure } from '../domain/failure.ts';
import type { Hyperparameters, ModelSpec, Transform } from '../domain/model.ts';
import type { Result } from '../util/result.ts';

/** Raw rows and their class indices, or a choice of them. */
export interface Rows {
  /** How many rows are meant: those chosen, or all. */
  readonly count: number;
  /** Raw values of all rows there are to choose from, row-major, as the dataset holds them. */
  readonly inputs: Uint8Array | Float32Array | Int32Array;
  /** Class index of each of them. */
  readonly labels: Int32Array;
  /** Which of them, by number; all of them when it is left out. */
  readonly chosen?: Int32Array;
  /** The file that holds `inputs`: an engine that can map it never asks for the array. */
  readonly file?: RowsFile;
}

/** Raw values of all rows, one after the other, in a file. */
export interface RowsFile {
  readonly path: string;
  /** Where they begin, in bytes. */
  readonly offset: number;
  readonly type: ColumnType;
  /** How many values a row has. */
  readonly width: number;
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
  /** Told the weights as they are after some epochs, where they are finite, beside those the fit ends with. */
  readonly weightsAfter?: {
    readonly epochs: readonly number[];
    readonly take: (epoch: number, weights: readonly Weight[]) => void;
  };
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

export interface ScoreRequest extends Pick<PredictRequest, 'spec' | 'transform' | 'weights'> {
  readonly rows: Rows;
}

/** Mean loss, without what L2 adds, and share of rows that were right. */
export interface Score {
  readonly loss: number;
  readonly accuracy: number;
}

/** Something that fits and answers models. Every engine passes the same conformance suite. */
export interface Engine {
  readonly choice: EngineChoice;
  /** Fits a model; a loss that is not finite is a failure. The same request gives the same bytes. */
  fit(request: FitRequest): Promise<Result<Fitted, Failure>>;
  /** count x outputs, row-major: probabilities where the last layer is a softmax. */
  predict(request: PredictRequest): Promise<Float32Array>;
  /** How good weights are on labelled rows. */
  score(request: ScoreRequest): Promise<Score>;
  /**
   * Mean loss over the rows and its gradient for every learned weight, in the order of the weights. As in a training step
   * a batch is normalised by its own mean and variance, but nothing is dropped.
   */
  gradients(
    request: PredictRequest & { readonly targets: Float32Array },
  ): Promise<{ loss: number; gradients: readonly Weight[] }>;
}
