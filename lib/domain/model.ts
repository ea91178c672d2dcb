import type { Json } from '../util/json.ts';
import type { ColumnType } from './dataset.ts';

export type Activation = 'linear' | 'relu' | 'sigmoid' | 'tanh' | 'softmax';

/** One layer, as in Keras Sequential. `l2` is the factor of the squared kernel in the loss. */
export type LayerSpec =
  | { readonly type: 'dense'; readonly units: number; readonly activation: Activation; readonly l2?: number }
  | { readonly type: 'dropout'; readonly rate: number }
  | Conv2dSpec
  | MaxPooling2dSpec
  | { readonly type: 'flatten' }
  | { readonly type: 'batchNormalization' }
  | EmbeddingSpec;

/** Square filters over height x width (x channels); without padding (`valid`), or with zeros around it (`same`). */
export interface Conv2dSpec {
  readonly type: 'conv2d';
  readonly filters: number;
  /** Height and width of a filter. */
  readonly kernel: number;
  readonly activation: Activation;
  readonly stride?: number;
  readonly padding?: 'valid' | 'same';
  readonly l2?: number;
}

/** The largest value of every square; what does not fill a square at the far edge is left out. */
export interface MaxPooling2dSpec {
  readonly type: 'maxPooling2d';
  readonly size: number;
  /** The size, when it is left out: squares do not overlap. */
  readonly stride?: number;
}

/** A row of `units` numbers for each whole number from 0 to `inputs` - 1; only as the first layer. */
export interface EmbeddingSpec {
  readonly type: 'embedding';
  readonly inputs: number;
  readonly units: number;
}

export interface ModelSpec {
  /** The shape of one raw row: [28, 28]. Whatever needs a flat row, as a dense layer does, flattens it. */
  readonly input: readonly number[];
  readonly layers: readonly LayerSpec[];
  readonly loss: 'softmaxCrossEntropy' | 'squaredError';
}

export type OptimizerName = 'sgd' | 'momentum' | 'adagrad' | 'rmsprop' | 'adam';

/** Learning rate over epochs: constant, or multiplied by `factor` every `every` epochs, or a cosine to zero. */
export type Schedule =
  | { readonly type: 'constant' }
  | { readonly type: 'step'; readonly every: number; readonly factor: number }
  | { readonly type: 'cosine' };

/** How a model is fitted. */
export interface Hyperparameters {
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly batch: number;
  readonly epochs: number;
  /** Share of the training rows held out to watch the fit (and to stop early); 0 for none. */
  readonly validation: number;
  /** Epochs without a better validation loss before the fit stops and the best weights are restored; 0 for never. */
  readonly patience: number;
}

/** Maps raw features to what the first layer sees: x * scale + offset, one pair for all features or one each. */
export interface Transform {
  readonly kind: 'affine';
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/** mlloop.json in a model folder, beside model.json and weights.bin. It holds no time, path or run number. */
export interface ModelCard {
  readonly format: 'mlloop-model';
  readonly version: 1;
  readonly spec: ModelSpec;
  readonly hyperparameters: Hyperparameters;
  readonly transform: Transform;
  readonly classes: readonly string[];
  readonly engine: { readonly engine: string; readonly backend: string; readonly version: string };
  readonly trainedOn: { readonly rows: number; readonly generated: boolean };
  /** Epochs really run, and the one whose weights were kept, from 1. */
  readonly epochs: { readonly run: number; readonly kept: number };
}

/** golden.json in a model folder: raw rows and the answers training gave, to test a loaded model against. */
export interface GoldenBatch {
  readonly rows: number;
  readonly shape: readonly number[];
  /** The type of a raw value; bytes when it is left out. */
  readonly dtype?: ColumnType;
  /** rows x features raw values, little-endian, base64. */
  readonly inputs: string;
  /** rows x classes probabilities, row-major. */
  readonly outputs: readonly number[];
  readonly tolerance: number;
}

/** One setting a search tried: keys are names of what the grid varies. */
export type Candidate = { readonly [name: string]: Json };
