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

/** What is wrong with what a stage's own code hands over as a metric, types or no types; undefined when nothing is. */
export function metricFault(record: object): string | undefined {
  const { name, value, model, split, step, fold, label } = record as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || name.trim() === '') return 'a metric needs a name';
  if (name.length > MAX_NAME) return `its name has ${name.length} characters, and may have ${MAX_NAME} at most`;
  if (typeof value !== 'number')
    return `its value has to be a number, and is ${value === null ? 'null' : typeof value}`;
  const texts = Object.entries({ model, split, label }).find(([, one]) => one !== undefined && typeof one !== 'string');
  if (texts !== undefined) return `${texts[0]} has to be a text`;
  const counts = Object.entries({ step, fold }).find(([, one]) => one !== undefined && !Number.isSafeInteger(one));
  return counts === undefined ? undefined : `${counts[0]} has to be a whole number`;
}

/** Characters of a metric's name: it stands in tables. */
const MAX_NAME = 200;
