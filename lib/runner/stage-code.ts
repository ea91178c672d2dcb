import type { Bundle } from '../cache/bundle.ts';
import type { StageDescription } from '../domain/stage.ts';
import type { JsonObject } from '../util/json.ts';

/** What a stage executes, ready to run, and what it says of itself. */
export type StageCode =
  | {
      readonly kind: 'module';
      readonly bundle: Bundle;
      /** Where the bundle lies to be imported. */
      readonly path: string;
      readonly description: StageDescription;
      /** The declared params with the schema's defaults filled in. */
      readonly params: JsonObject;
    }
  | { readonly kind: 'program'; readonly argv: readonly string[]; readonly params: JsonObject };

export const readsOf = (code: StageCode): StageDescription['reads'] =>
  code.kind === 'module' ? code.description.reads : [];

export const hasEffects = (code: StageCode): boolean => code.kind === 'module' && code.description.effects;
