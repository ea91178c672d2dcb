import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Memo } from '../cache/memo.ts';
import type { Locator } from '../config/diagnose.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import { sha256 } from '../util/hash.ts';
import type { JsonObject } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { Installation } from './io.ts';
import type { ProjectOptions } from './load-project.ts';

/** A validated pipeline, without the parser where it was validated before. */
export interface RecalledProject {
  readonly pipeline: Pipeline;
  /** pipeline.yaml as it is, for the record. */
  readonly text: string;
  /** Where its values stand; parses the text where it was not parsed yet. */
  readonly locator: () => Promise<Locator>;
}

const FILE = 'pipeline.yaml';

/** The same text with the same options is the same pipeline, as long as the same program reads it. */
export async function recallProject(
  root: string,
  options: ProjectOptions,
  { memo, installation }: { readonly memo: Memo; readonly installation: Installation },
): Promise<Result<RecalledProject, readonly Failure[]>> {
  let text: string;
  try {
    text = readFileSync(join(root, FILE), 'utf8');
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
    return err([failure('CONFIG_NOT_FOUND', { file: join(root, FILE) })]);
  }
  const { profile = null, set = [] } = options;
  const key = sha256(JSON.stringify([basename(installation.built), text, profile, set]));
  const load = async () => {
    const { loadProjectText } = await import('./load-project.ts');
    // The very text: the file may be another one by now, and what is remembered is found by the text.
    return loadProjectText(text, options);
  };
  const known = memo.get<JsonObject>('pipeline', key);
  if (known !== undefined) {
    const locator = async (): Promise<Locator> => {
      const loaded = await load();
      return loaded.ok ? loaded.value.locator : { placeOf: () => undefined, placeOfKey: () => undefined };
    };
    // Only what this very program wrote stands under this key.
    return ok({ pipeline: known as unknown as Pipeline, text, locator });
  }
  const loaded = await load();
  if (!loaded.ok) return loaded;
  const { pipeline, locator } = loaded.value;
  memo.set('pipeline', key, pipeline as unknown as JsonObject);
  return ok({ pipeline, text, locator: async () => locator });
}
