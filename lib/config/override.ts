import { parseDocument } from 'yaml';
import { type Failure, failure } from '../domain/failure.ts';
import { isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import { didYouMean } from '../util/suggest.ts';
import { notPlainJson } from './plain-json.ts';
import { type KeyPath, valueOfYaml } from './source.ts';

/** One change to what the file says. */
export interface Override {
  readonly path: KeyPath;
  readonly value: Json;
}

/** Reads `--set train.params.epochs=3`; the value is YAML. */
export function parseOverride(text: string): Result<Override, Failure> {
  const equals = text.indexOf('=');
  if (equals <= 0) {
    const problem = equals < 0 ? "there is no '=' in it" : "there is nothing before the '='";
    return err(failure('CONFIG_OVERRIDE', { override: text, problem }));
  }
  const document = parseDocument(text.slice(equals + 1));
  const [fault] = document.errors.length > 0 ? [{ problem: 'the value is not valid YAML' }] : notPlainJson(document);
  if (fault !== undefined) return err(failure('CONFIG_OVERRIDE', { override: text, problem: fault.problem }));
  return ok({ path: toPath(text.slice(0, equals)), value: valueOfYaml(document) });
}

/** `seed` and `name` are the file's own; everything else lies under `stages`. */
export function toPath(text: string): KeyPath {
  const parts = text.split('.');
  return parts[0] === 'stages' || OWN.includes(text) ? parts : ['stages', ...parts];
}

const OWN: readonly string[] = ['seed', 'name'];

/** What may be overridden: the seed, the name (and with it the line of models), and the params, env and timeout of a stage. */
const OPEN_FIELDS = ['params', 'env', 'timeout'];

/** Puts the value in its place, in a copy. The stage has to exist; a param need not stand in the file yet. */
export function applyOverride(root: JsonObject, override: Override): Result<JsonObject, string> {
  const { path, value } = override;
  const own = String(path[0]);
  if (path.length === 1 && OWN.includes(own)) return ok({ ...root, [own]: value });
  const stages = isJsonObject(root['stages']) ? root['stages'] : {};
  const [, stage, field] = path.map(String);
  if (stage === undefined || !Object.hasOwn(stages, stage) || !isJsonObject(stages[stage])) {
    const suggestion = didYouMean(stage ?? '', Object.keys(stages));
    return err(`there is no stage '${stage ?? ''}'${suggestion === '' ? '' : `.${suggestion}`}`);
  }
  if (field === undefined || !OPEN_FIELDS.includes(field)) {
    return err(`only ${OPEN_FIELDS.join(', ')} of a stage can be set, not '${field ?? ''}'`);
  }
  if (field === 'timeout' && path.length !== 3) return err(`'${path.slice(1).join('.')}' is not a single value`);
  return place(root, path, value);
}

function place(node: JsonObject, path: KeyPath, value: Json): Result<JsonObject, string> {
  const [head, ...rest] = path.map(String);
  if (head === undefined) return err('the path is empty');
  if (rest.length === 0) return ok({ ...node, [head]: value });
  const child = (Object.hasOwn(node, head) ? node[head] : undefined) ?? {};
  if (!isJsonObject(child)) return err(`'${head}' is ${JSON.stringify(child)}, so nothing can be set inside it`);
  const placed = place(child, rest, value);
  return placed.ok ? ok({ ...node, [head]: placed.value }) : placed;
}
