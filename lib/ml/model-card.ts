import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, failure } from '../domain/failure.ts';
import type { ModelCard } from '../domain/model.ts';
import { err, ok, type Result } from '../util/result.ts';

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
