import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, failure } from '../domain/failure.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import type { Place } from '../domain/place.ts';
import { isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import { didYouMean } from '../util/suggest.ts';
import { type Locator, valueAt } from './diagnose.ts';
import { notFinite } from './not-finite.ts';
import { applyOverride, parseOverride, toPath } from './override.ts';
import { PipelineYaml } from './schema.ts';
import { type KeyPath, parseYaml, type YamlSource } from './source.ts';
import { toPipeline } from './to-pipeline.ts';
import { validate } from './validate.ts';

export interface LoadOptions {
  readonly profile: string | undefined;
  /** `--set` arguments as they were typed. */
  readonly overrides: readonly string[];
}

/** A validated pipeline, and where each of its values stands. */
export interface LoadedPipeline {
  readonly pipeline: Pipeline;
  readonly locator: Locator;
  /** The file's text, for the record. */
  readonly text: string;
}

export const PIPELINE_FILE = 'pipeline.yaml';

/** Reads pipeline.yaml of a folder; every problem in it at once. */
export function loadPipeline(root: string, options: LoadOptions): Result<LoadedPipeline, readonly Failure[]> {
  let text: string;
  try {
    text = readFileSync(join(root, PIPELINE_FILE), 'utf8');
  } catch {
    return err([failure('CONFIG_NOT_FOUND', { file: join(root, PIPELINE_FILE) })]);
  }
  return loadPipelineText(text, options);
}

/** The same from the text itself. */
export function loadPipelineText(text: string, options: LoadOptions): Result<LoadedPipeline, readonly Failure[]> {
  const parsed = parseYaml(PIPELINE_FILE, text);
  if (!parsed.ok) return parsed;
  const source = parsed.value;
  const inFile = faultsOf(source.value, source);
  if (inFile.length > 0 || !isJsonObject(source.value)) return err(inFile);
  const changed = change(source.value, source, options);
  if (!changed.ok) return changed;
  const { value, locator, overrides } = changed.value;
  const failures = faultsOf(value, locator);
  if (failures.length > 0) return err(failures);
  const pipeline = toPipeline(value as unknown as PipelineYaml, locator, { profile: options.profile, overrides });
  return pipeline.ok ? ok({ pipeline: pipeline.value, locator, text }) : pipeline;
}

/** What is no number has the wrong type and exceeds every limit, too: that is told once. */
function faultsOf(value: Json, locator: Locator): Failure[] {
  const numbers = notFinite(value, locator);
  const said = new Set(numbers.map((fault) => pathOf(fault)));
  return [...numbers, ...validate(PipelineYaml, value, locator).filter((fault) => !said.has(pathOf(fault)))];
}

const pathOf = ({ fields }: Failure): unknown => ('path' in fields ? fields.path : undefined);

interface Changed {
  readonly value: JsonObject;
  readonly locator: Locator;
  readonly overrides: Readonly<Record<string, string>>;
}

/** Applies the profile, then the overrides; values then know that they come from there. */
function change(root: JsonObject, source: YamlSource, options: LoadOptions): Result<Changed, readonly Failure[]> {
  const failures: Failure[] = [];
  const places = new Map<string, Place | undefined>();
  let value = root;
  const apply = (path: KeyPath, next: Json, at: Place | undefined, onProblem: (problem: string) => Failure): void => {
    const applied = applyOverride(value, { path, value: next });
    if (!applied.ok) {
      failures.push(onProblem(applied.failure));
      return;
    }
    value = applied.value;
    places.set(path.join('\0'), at);
  };

  const profile = profileOf(root, options.profile);
  if (!profile.ok) return err([profile.failure]);
  for (const [key, next] of Object.entries(profile.value)) {
    const at = source.placeOfKey(['profiles', options.profile ?? '', key]);
    apply(toPath(key), next, at, (problem) =>
      failure('CONFIG_INVALID', { path: key, problem: `cannot be set: ${problem}` }, at),
    );
  }
  const overrides: Record<string, string> = {};
  for (const text of options.overrides) {
    const parsed = parseOverride(text);
    if (!parsed.ok) failures.push(parsed.failure);
    else {
      const { path, value: next } = parsed.value;
      overrides[text.slice(0, text.indexOf('='))] = text.slice(text.indexOf('=') + 1);
      apply(path, next, undefined, (problem) => failure('CONFIG_OVERRIDE', { override: text, problem }));
    }
  }
  return failures.length > 0 ? err(failures) : ok({ value, locator: overlay(source, places), overrides });
}

function profileOf(root: JsonObject, name: string | undefined): Result<JsonObject, Failure> {
  if (name === undefined) return ok({});
  const known = Object.keys(isJsonObject(root['profiles']) ? root['profiles'] : {});
  const profile = valueAt(root, ['profiles', name]);
  if (isJsonObject(profile)) return ok(profile);
  return err(failure('CONFIG_UNKNOWN_PROFILE', { profile: name, known, suggestion: didYouMean(name, known) }));
}

/** Values that were overridden are found where they were overridden: in the profile, or nowhere in the file. */
function overlay(source: YamlSource, places: ReadonlyMap<string, Place | undefined>): Locator {
  const find = (path: KeyPath, otherwise: Place): Place | undefined => {
    for (let length = path.length; length > 0; length--) {
      const key = path.slice(0, length).join('\0');
      if (places.has(key)) return places.get(key);
    }
    return otherwise;
  };
  return {
    placeOf: (path) => find(path, source.placeOf(path)),
    placeOfKey: (path) => find(path, source.placeOfKey(path)),
  };
}
