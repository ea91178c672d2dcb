import { type Document, isNode, isScalar, parseDocument, stringify } from 'yaml';
import type { Failure } from '../domain/failure.ts';
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import { valueAt } from './diagnose.ts';
import { parseOverride, toPath } from './override.ts';
import { type KeyPath, valueOfYaml } from './source.ts';

/** What is to be written into a pipeline.yaml, so that it needs no option to mean the same. */
export interface Settings {
  readonly profile: string | undefined;
  /** Values as they were typed, by key path. */
  readonly overrides: Readonly<Record<string, string>>;
  /** Another file for a stage, by the stage's name. */
  readonly files: Readonly<Record<string, string>>;
}

interface Change {
  readonly path: KeyPath;
  readonly value: Json;
}

/**
 * The text with a profile and overrides written into it. Comments stay where they are; only where a value stands for several
 * (an anchor) the whole file is written anew without them, because changing one would change the others.
 */
export function settleYaml(text: string, settings: Settings): Result<string, Failure> {
  const document = parseDocument(text);
  const value = valueOfYaml(document) as JsonObject;
  const changes = changesOf(value, settings);
  if (!changes.ok) return changes;
  if (changes.value.length === 0) return ok(text);
  const wanted = changes.value.reduce<Json>(placed, value);
  return ok(settledText(document, changes.value, wanted) ?? stringify(wanted, { lineWidth: 0 }));
}

function changesOf(value: JsonObject, { profile, overrides, files }: Settings): Result<Change[], Failure> {
  const declared = profile === undefined ? {} : valueAt(value, ['profiles', profile]);
  const changes: Change[] = Object.entries(isJsonObject(declared) ? declared : {}).map(([path, next]) => ({
    path: toPath(path),
    value: next,
  }));
  for (const [path, typed] of Object.entries(overrides)) {
    const override = parseOverride(`${path}=${typed}`);
    if (!override.ok) return err(override.failure);
    changes.push(override.value);
  }
  for (const [stage, file] of Object.entries(files)) changes.push({ path: ['stages', stage, 'run'], value: file });
  return ok(changes);
}

function placed(node: Json, { path, value }: Change): Json {
  const [head, ...rest] = path.map(String);
  if (head === undefined) return value;
  const parent = isJsonObject(node) ? node : {};
  return { ...parent, [head]: placed(parent[head] ?? {}, { path: rest, value }) };
}

/** Undefined where the document did not become what was wanted. */
function settledText(document: Document, changes: readonly Change[], wanted: Json): string | undefined {
  try {
    for (const { path, value } of changes) {
      for (let length = 1; length < path.length; length++) {
        const parent = path.slice(0, length);
        if (document.getIn(parent) === undefined || document.getIn(parent) === null) {
          document.setIn(parent, document.createNode({}));
        }
      }
      setValue(document, path, value);
    }
    const text = document.toString({ lineWidth: 0 });
    return canonicalJson(valueOfYaml(parseDocument(text))) === canonicalJson(wanted) ? text : undefined;
  } catch {
    // An alias stands where a map was looked for.
    return undefined;
  }
}

/** A plain value takes the place of another inside its node, and the comment behind it stays. */
function setValue(document: Document, path: KeyPath, value: Json): void {
  const before = document.getIn(path, true);
  if (isScalar(before) && (typeof value !== 'object' || value === null)) {
    document.setIn(path, value);
    return;
  }
  const node = document.createNode(value);
  if (isNode(before)) {
    node.comment = before.comment ?? null;
    node.commentBefore = before.commentBefore ?? null;
  }
  document.setIn(path, node);
}
