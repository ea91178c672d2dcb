import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { failure } from '../domain/failure.ts';
import { withoutDemos } from '../domain/line.ts';
import { orRaise, RaisedFailure } from '../domain/raised.ts';
import { type LoadedModel, loadModel } from '../ml/load-model.ts';

export interface LoadOptions {
  /** The folder that holds artifacts/; the current one by default. */
  readonly root?: string;
  /** The line of models; needed only where more than one has such an alias. */
  readonly line?: string;
}

/** A deployed model, ready to answer. */
export interface DeployedModel {
  readonly line: string;
  readonly version: number;
  /** Class names, in the order of the outputs. */
  readonly classes: readonly string[];
  /** `rows` raw rows in, rows x classes probabilities out, row-major. */
  readonly predict: LoadedModel['predict'];
  dispose(): Promise<void>;
}

/**
 * Loads the model behind an alias, from the folder its version was registered in. Throws with what is wrong and what to do
 * when there is none. A line of generated data is only taken when it is named, or when there is no other.
 */
export async function loadAliased(alias = 'champion', options: LoadOptions = {}): Promise<DeployedModel> {
  const models = resolve(options.root ?? '.', 'artifacts', 'models');
  const found = existsSync(models) ? readdirSync(models).filter((name) => existsSync(join(models, name, alias))) : [];
  const real = withoutDemos(found);
  const line = options.line ?? (real.length === 1 ? real[0] : undefined);
  if (line === undefined || !found.includes(line)) {
    throw new RaisedFailure(failure('MODEL_NOT_FOUND', { alias, folder: models, lines: found }));
  }
  const folder = join(models, line, alias);
  const { version } = JSON.parse(readFileSync(join(folder, 'version.json'), 'utf8')) as { readonly version: number };
  const { card, predict, dispose } = orRaise(await loadModel(folder));
  return { line, version, classes: card.classes, predict, dispose };
}
