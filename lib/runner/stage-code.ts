import type { Bundle } from '../cache/bundle.ts';
import type { Failure } from '../domain/failure.ts';
import type { StageDescription } from '../domain/stage.ts';
import type { Sha256 } from '../util/hash.ts';
import type { JsonObject } from '../util/json.ts';
import type { Result } from '../util/result.ts';

/** What a stage executes, ready to run, and what it says of itself. */
export type StageCode =
  | {
      readonly kind: 'module';
      /** The stage's file, as pipeline.yaml names it. */
      readonly file: string;
      /** Hash of the bundle. */
      readonly hash: Sha256;
      /** Names of the packages it imports, sorted. */
      readonly packages: readonly string[];
      /** Where the copy lies that Node executes. */
      readonly path: string;
      /** Makes the bundle again, for a copy that is gone or was changed. */
      readonly rebuild: () => Promise<Result<Bundle, Failure>>;
      readonly description: StageDescription;
      /** The declared params with the schema's defaults filled in. */
      readonly params: JsonObject;
    }
  | { readonly kind: 'program'; readonly argv: readonly string[]; readonly params: JsonObject };

export const readsOf = (code: StageCode): StageDescription['reads'] =>
  code.kind === 'module' ? code.description.reads : [];

export const hasTasks = (code: StageCode): boolean => code.kind === 'module' && code.description.tasks.length > 0;

export const hasEffects = (code: StageCode): boolean => code.kind === 'module' && code.description.effects;
