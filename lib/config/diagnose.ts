import type { ErrorObject } from 'ajv';
import { type Failure, failure } from '../domain/failure.ts';
import type { Place } from '../domain/place.ts';
import type { Json } from '../util/json.ts';
import { didYouMean } from '../util/suggest.ts';
import type { KeyPath } from './source.ts';

/** Finds where a value, or its key, stands; undefined when it came from the command line. */
export interface Locator {
  placeOf(path: KeyPath): Place | undefined;
  placeOfKey(path: KeyPath): Place | undefined;
}

/** Turns what ajv found wrong into one failure a fault, each with its place. */
export function diagnose(errors: readonly ErrorObject[], root: Json, locator: Locator): Failure[] {
  const unions = errors.filter((error) => error.keyword === 'anyOf');
  const isInsideUnion = (error: ErrorObject): boolean =>
    unions.some((union) => error !== union && error.schemaPath.startsWith(`${union.schemaPath}/`));
  return errors
    .filter((error) => !isInsideUnion(error) && error.keyword !== 'propertyNames')
    .flatMap((error) => {
      if (error.keyword !== 'anyOf') return [toFailure(error, root, locator)];
      const branches = errors.filter((other) => other !== error && other.schemaPath.startsWith(`${error.schemaPath}/`));
      return fromUnion({ error, branches, root, locator });
    });
}

interface UnionFault {
  readonly error: ErrorObject;
  readonly branches: readonly ErrorObject[];
  readonly root: Json;
  readonly locator: Locator;
}

/** A union of constants lists them; any other union is explained by the branch that fits the value best. */
function fromUnion({ error, branches, root, locator }: UnionFault): Failure[] {
  const here = branches.filter((branch) => branch.instancePath === error.instancePath);
  const constants = here.filter((branch) => branch.keyword === 'const');
  if (constants.length > 0 && constants.length === new Set(branches.map(branchOf(error))).size) {
    return [
      unknownValue(
        error,
        constants.map((branch) => String(branch.params['allowedValue'])),
        { root, locator },
      ),
    ];
  }
  const mistyped = new Set(here.filter((branch) => branch.keyword === 'type').map(branchOf(error)));
  const closest = branches.filter((branch) => !mistyped.has(branchOf(error)(branch)));
  if (closest.length > 0 && new Set(closest.map(branchOf(error))).size === 1) return diagnose(closest, root, locator);
  const types = here.filter((branch) => branch.keyword === 'type').map((branch) => String(branch.params['type']));
  const path = pathOf(error);
  const problem = `has to be ${types.map(article).join(' or ') || 'of another form'}, but is ${show(valueAt(root, path))}`;
  return [failure('CONFIG_INVALID', { path: dotted(path), problem }, locator.placeOf(path))];
}

/** Which branch of the union an error came from. */
const branchOf =
  (union: ErrorObject) =>
  (error: ErrorObject): string =>
    error.schemaPath.slice(union.schemaPath.length + 1).split('/')[0] ?? '';

function toFailure(error: ErrorObject, root: Json, locator: Locator): Failure {
  const path = pathOf(error);
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty']);
    const names = error.parentSchema?.['names'];
    if (typeof names === 'string') {
      const problem = `has an entry named ${show(key)}; a name there is ${names}`;
      return failure('CONFIG_INVALID', { path: dotted(path), problem }, locator.placeOfKey([...path, key]));
    }
    const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
    const fields = { path: dotted(path), key, known, suggestion: didYouMean(key, known) };
    return failure('CONFIG_UNKNOWN_KEY', fields, locator.placeOfKey([...path, key]));
  }
  if (error.keyword === 'enum' || error.keyword === 'const') {
    const allowed =
      error.keyword === 'enum' ? (error.params['allowedValues'] as Json[]) : [error.params['allowedValue'] as Json];
    return unknownValue(error, allowed.map(String), { root, locator });
  }
  const seen = valueAt(root, path);
  return failure('CONFIG_INVALID', { path: dotted(path), problem: problemOf(error, seen) }, locator.placeOf(path));
}

function unknownValue(
  error: ErrorObject,
  known: readonly string[],
  where: { readonly root: Json; readonly locator: Locator },
): Failure {
  const path = pathOf(error);
  const seen = valueAt(where.root, path);
  const suggestion = typeof seen === 'string' ? didYouMean(seen, known) : '';
  const fields = { path: dotted(path), seen: show(seen), known, suggestion };
  return failure('CONFIG_UNKNOWN_VALUE', fields, where.locator.placeOf(path));
}

function problemOf(error: ErrorObject, seen: Json | undefined): string {
  const limit = String(error.params['limit'] ?? '');
  switch (error.keyword) {
    case 'required':
      return `lacks '${error.params['missingProperty']}'`;
    case 'type':
      return `has to be ${article(String(error.params['type']))}, but is ${show(seen)}`;
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
    case 'exclusiveMaximum':
      return `has to be ${error.params['comparison']} ${limit}, but is ${show(seen)}`;
    case 'notAbove':
      return `has to be at most '${error.params['other']}', which is ${limit}, but is ${show(seen)}`;
    case 'minItems':
    case 'minProperties':
      return `is empty; it needs at least ${limit} ${limit === '1' ? 'entry' : 'entries'}`;
    case 'minLength':
      return 'is empty';
    case 'maxLength':
      return `has ${String(seen).length} characters, and may have ${limit} at most`;
    case 'pattern':
      return `is ${show(seen)}, which has not the right form${examplesOf(error)}`;
    default:
      return `${error.message ?? 'is not valid'}, but is ${show(seen)}`;
  }
}

function examplesOf(error: ErrorObject): string {
  const examples = error.parentSchema?.['examples'];
  return Array.isArray(examples) ? `; right would be ${examples.join(' or ')}` : ` (${error.params['pattern']})`;
}

const ARTICLES: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'empty',
};

const article = (type: string): string => ARTICLES[type] ?? type;

const pathOf = (error: ErrorObject): KeyPath =>
  error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));

/** As people write it on the command line: the leading `stages` is left out. */
export const dotted = (path: KeyPath): string =>
  (path[0] === 'stages' && path.length > 1 ? path.slice(1) : path).join('.');

export function valueAt(root: Json | undefined, path: KeyPath): Json | undefined {
  let value: Json | undefined = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as { readonly [key: string]: Json })[String(part)];
  }
  return value;
}

/** A value as it would be typed, cut when long. */
export function show(value: Json | undefined): string {
  const text = value === undefined ? 'missing' : typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
