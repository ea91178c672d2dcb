import type { GivenLabel } from '../../domain/live.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { badRequest, type Fault } from '../fault.ts';

/** Labels one request may have. */
export const MAX_LABELS = 10_000;

/** Characters of an id or a label. */
const MAX_LENGTH = 200;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads `{ id, label }`, or a list of them. */
export function readFeedback(json: unknown): Result<readonly GivenLabel[], Fault> {
  if (!Array.isArray(json)) {
    const one = readLabel(json, 'The body');
    return one.ok ? ok([one.value]) : one;
  }
  if (json.length === 0) return err(badRequest('The list of labels is empty.'));
  if (json.length > MAX_LABELS) {
    return err({
      status: 413,
      error: `The list has ${json.length} labels; ${MAX_LABELS} is the most one request may have.`,
    });
  }
  const labels: GivenLabel[] = [];
  for (const [at, item] of json.entries()) {
    const one = readLabel(item, `Item ${at}`);
    if (!one.ok) return one;
    labels.push(one.value);
  }
  return ok(labels);
}

function readLabel(json: unknown, what: string): Result<GivenLabel, Fault> {
  if (!isObject(json))
    return err(badRequest(`${what} has to be an object with id and label, or a list of such objects.`));
  const strange = Object.keys(json).find((key) => key !== 'id' && key !== 'label');
  if (strange !== undefined) {
    return err(badRequest(`${what} has a field '${strange.slice(0, 40)}'; it may have id and label.`));
  }
  const { id, label } = json;
  for (const [name, value] of Object.entries({ id, label })) {
    if (typeof value !== 'string' || value === '') {
      const meaning = name === 'id' ? 'the prediction_id of an answer' : 'the name of a class';
      return err(badRequest(`${what}: ${name} has to be a string, ${meaning}.`));
    }
    if (value.length > MAX_LENGTH) return err(badRequest(`${what}: ${name} is longer than ${MAX_LENGTH} characters.`));
  }
  return ok({ prediction: id as string, label: label as string });
}
