import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { type Failure, failure } from '../domain/failure.ts';
import type { ModelCard } from '../domain/model.ts';
import { err, ok, type Result } from '../util/result.ts';
import { schemaFault } from '../util/schema-fault.ts';

/** What a model folder says of itself, without loading the model. */
export function readModelCard(folder: string): Result<ModelCard, Failure> {
  try {
    const card = JSON.parse(readFileSync(join(folder, 'mlloop.json'), 'utf8')) as ModelCard;
    if (card.format === 'mlloop-model' && card.version === 1) return ok(card);
    return err(failure('TRAIN_NOT_A_MODEL', { folder, problem: 'its mlloop.json is not of format mlloop-model 1' }));
  } catch (error) {
    return err(
      failure('TRAIN_NOT_A_MODEL', { folder, problem: error instanceof Error ? error.message : String(error) }),
    );
  }
}

/** The same for a folder that came from elsewhere: every field is there and has its type. */
export function readWholeModelCard(folder: string): Result<ModelCard, Failure> {
  const card = readModelCard(folder);
  if (!card.ok) return card;
  const fault = schemaFault(Card, card.value);
  if (fault === undefined) return card;
  const problem = `its mlloop.json is not valid: ${fault}`;
  return err(failure('TRAIN_NOT_A_MODEL', { folder, problem }));
}

const count = Type.Integer({ minimum: 0 });
const numbers = Type.Array(Type.Number(), { minItems: 1 });

const Card = Type.Object({
  spec: Type.Object({
    input: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1 }),
    layers: Type.Array(Type.Object({ type: Type.String() }), { minItems: 1 }),
    loss: Type.String(),
  }),
  hyperparameters: Type.Object({ optimizer: Type.String(), learningRate: Type.Number() }),
  transform: Type.Object({ kind: Type.Literal('affine'), scale: numbers, offset: numbers }),
  classes: Type.Array(Type.String(), { minItems: 1 }),
  engine: Type.Object({ engine: Type.String(), backend: Type.String(), version: Type.String() }),
  trainedOn: Type.Object({ rows: count, generated: Type.Boolean() }),
  epochs: Type.Object({ run: count, kept: count }),
});
