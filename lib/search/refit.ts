import type { EngineChoice } from '../domain/engine.ts';
import { orRaise } from '../domain/raised.ts';
import type { Task } from '../domain/tasks.ts';
import type { EpochMetrics } from '../ml/engine.ts';
import { fitClassifier } from '../ml/fit-classifier.ts';
import { modelToSave } from '../ml/model-to-save.ts';
import { type ModelFile, modelFiles } from '../ml/save-model.ts';
import type { Settings } from '../ml/settings.ts';
import { atMostEvery } from '../util/at-most-every.ts';
import { countUp } from '../util/count-up.ts';
import type { Json } from '../util/json.ts';
import type { SearchSplit } from './search-rows.ts';
import { openShared, TELL_MS } from './shared.ts';

/** What the refit is given: a worker that computed cells has all of it but the settings at hand. */
export interface RefitInput extends SearchSplit {
  readonly settings: Settings;
  readonly engine: EngineChoice;
}

/** What a refit tells of itself: an epoch that is over, or how far the one that runs is. */
export type RefitProgress =
  | { readonly type: 'epoch'; readonly metrics: EpochMetrics }
  | { readonly type: 'batch'; readonly epoch: number; readonly share: number };

/** Bytes of a file in one piece of text: a whole number of base64's threes, and far from the longest string there is. */
const PIECE_BYTES = 3 * 2 ** 24;

interface PackedFile extends Pick<ModelFile, 'name'> {
  readonly pieces: readonly string[];
}

/**
 * The winner on every row of the dataset, as the files of a model: a worker has the engine for them at hand, and time while
 * the others compute their last cells. The stage's seed, so that it is the fit a stage of its own would make.
 */
export const refit: Task = async (input, context) => {
  const { settings, engine: choice, ...split } = input as unknown as RefitInput;
  const { dataset, engine: starting } = openShared(context.deps['data'] ?? '', choice, split);
  const engine = await starting;
  const tell = (progress: RefitProgress): void => context.progress(progress as unknown as Json);
  const made = await fitClassifier({
    engine,
    dataset,
    rows: countUp(dataset.rows),
    settings,
    seed: context.seed,
    onEpoch: (metrics) => tell({ type: 'epoch', metrics }),
    onBatch: atMostEvery(TELL_MS, (epoch, share) => tell({ type: 'batch', epoch, share })),
  });
  const files = await modelFiles(modelToSave(orRaise(made), { dataset, settings, engine }));
  return packFiles(files);
};

/** A model's files as a task may answer with them. */
export const packFiles = (files: readonly ModelFile[], pieceBytes = PIECE_BYTES): Json =>
  files.map(({ name, bytes }): PackedFile => {
    const pieces: string[] = [];
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      const { buffer, byteOffset, byteLength } = bytes.subarray(from, from + pieceBytes);
      pieces.push(Buffer.from(buffer, byteOffset, byteLength).toString('base64'));
    }
    return { name, pieces };
  }) as unknown as Json;

/** The answer of a refit as the files it is. */
export const unpackFiles = (answer: Json): ModelFile[] =>
  (answer as unknown as readonly PackedFile[]).map(({ name, pieces }) => ({
    name,
    bytes: Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64'))),
  }));
