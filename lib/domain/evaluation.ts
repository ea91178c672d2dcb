/** Scores of one model on the frozen test set, as they stand in an evaluation file. */
export interface ModelEvaluation {
  /** Numbers that speak of all rows, by name: accuracy, logLoss, macroF1, … */
  readonly overall: Readonly<Record<string, number>>;
  /** One entry a class, in the order of `classes`. */
  readonly perClass: readonly {
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
    readonly support: number;
  }[];
  /** classes x classes, row-major: actual class, then predicted class. */
  readonly confusion: readonly number[];
  /** Bands of the largest probability: how sure the answers in it were, and how often right. */
  readonly calibration: readonly CalibrationBand[];
}

export interface CalibrationBand {
  readonly low: number;
  readonly high: number;
  readonly rows: number;
  readonly confidence: number;
  readonly accuracy: number;
}

/** What an evaluation's JSON file holds. */
export interface EvaluationFile {
  readonly format: 'mlloop-evaluation';
  readonly version: 1;
  /** Rows of the test set. */
  readonly rows: number;
  readonly generated: boolean;
  readonly classes: readonly string[];
  /** Models by name. */
  readonly models: Readonly<Record<string, ModelEvaluation>>;
  /** Name of the model that stands for deployment. */
  readonly candidate: string;
  /** The class it gives each row of the test set, by number, in the set's order. */
  readonly predicted?: readonly number[];
}
