import { Ajv, type Options, type ValidateFunction } from 'ajv';
import type { Failure } from '../domain/failure.ts';
import type { Json, JsonObject } from '../util/json.ts';
import { diagnose, type Locator } from './diagnose.ts';
import { NOT_ABOVE } from './not-above.ts';

const newAjv = (more: Options): Ajv =>
  new Ajv({ allErrors: true, strict: false, verbose: true, keywords: [NOT_ABOVE], ...more });

/** Compiling takes longer than all else of reading a pipeline, and one pipeline is checked more than once. */
const compiled = new WeakMap<object, ValidateFunction>();

/** Checks a value against a JSON schema of our own, which is not checked itself; every fault is one failure with its place. */
export function validate(schema: object, value: Json, locator: Locator): Failure[] {
  const known = compiled.get(schema) ?? newAjv({ validateSchema: false }).compile(schema);
  compiled.set(schema, known);
  return check(known, value, locator);
}

/** The same for a stage's params; also fills in the schema's defaults, in a copy. */
export function validateParams(
  schema: JsonObject,
  params: JsonObject,
  locator: Locator,
): { readonly params: JsonObject; readonly failures: readonly Failure[] } {
  const ajv = newAjv({ useDefaults: true });
  const filled = structuredClone(params);
  return { failures: check(ajv.compile(schema), filled, locator), params: filled };
}

function check(validator: ValidateFunction, value: Json, locator: Locator): Failure[] {
  return validator(value) ? [] : diagnose(validator.errors ?? [], value, locator);
}
