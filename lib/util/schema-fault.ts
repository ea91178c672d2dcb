import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { err, ok, type Result } from './result.ts';

/** Where a value is first not as a schema has it, and what is wrong there; undefined where all is right. */
export function schemaFault(schema: TSchema, value: unknown): string | undefined {
  const [first] = Value.Check(schema, value) ? [] : Value.Errors(schema, value);
  // What TypeBox says of a field that no schema names.
  return first && `${first.instancePath || '/'} ${first.message.replace('schema is false', 'is not known')}`;
}

export interface FormatOf<Schema extends TSchema> {
  /** The file's name, for people. */
  readonly name: string;
  /** What its `format` has to be. */
  readonly format: string;
  readonly schema: Schema;
}

/** Reads a JSON file that says what its format is; the failure says what is wrong with it. */
export function parseFormat<Schema extends TSchema>(
  text: string,
  { name, format, schema }: FormatOf<Schema>,
): Result<Static<Schema>, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err(`its ${name} is not JSON`);
  }
  const seen = (value as { readonly format?: unknown } | null)?.format;
  if (seen !== format) return err(`its ${name} has the format ${JSON.stringify(seen)}, not "${format}"`);
  const fault = schemaFault(schema, value);
  return fault === undefined ? ok(value as Static<Schema>) : err(`its ${name} is not valid: ${fault}`);
}
