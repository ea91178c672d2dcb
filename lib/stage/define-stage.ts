import type { TSchema } from 'typebox';
import type { StageDefinition } from '../domain/stage.ts';

/** Declares a stage; the type of `ctx.params` follows from the schema. A stage's file exports this as its default. */
export const defineStage = <const Schema extends TSchema>(
  definition: StageDefinition<Schema>,
): StageDefinition<Schema> => definition;
