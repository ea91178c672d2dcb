/** Which way a metric is better. A metric that is not here is shown, but none of two values is marked better. */
export const METRIC_DIRECTION: Readonly<Record<string, 'max' | 'min'>> = {
  accuracy: 'max',
  precision: 'max',
  recall: 'max',
  f1: 'max',
  macroPrecision: 'max',
  macroRecall: 'max',
  macroF1: 'max',
  coverage: 'max',
  loss: 'min',
  logLoss: 'min',
  calibrationError: 'min',
};
