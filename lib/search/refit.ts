import type { EngineChoice } from '../domain/engine.ts';
import { orRaise } from '../domain/raised.ts';
import type { Task } from '../domain/tasks.ts';
import type { EpochMetrics, Fitted } from '../ml/engine.ts';
import { fitClassifier } from '../ml/fit-classifier.ts';
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

interface PackedFit extends Omit<Fitted, 'weights'> {
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[]; readonly base64: string }[];
}

/** The winner on every row of the dataset. The stage's seed, so that it is the fit a stage of its own would make. */
export const refit: Task = async (input, context) => {
  const { settings, engine: choice, ...split } = input as unknown as RefitInput;
  const { dataset, engine } = openShared(context.deps['data'] ?? '', choice, split);
  const tell = (progress: RefitProgress): void => context.progress(progress as unknown as Json);
  const made = await fitClassifier({
    engine: await engine,
    dataset,
    rows: countUp(dataset.rows),
    settings,
    seed: context.seed,
    onEpoch: (metrics) => tell({ type: 'epoch', metrics }),
    onBatch: atMostEvery(TELL_MS, (epoch, share) => tell({ type: 'batch', epoch, share })),
  });
  const { weights, ...others } = orRaise(made).fitted;
  const packed: PackedFit = {
    ...others,
    weights: weights.map(({ name, shape, values }) => ({ name, shape, base64: base64Of(values) })),
  };
  return packed as unknown as Json;
};

const base64Of = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

/** The answer of a refit as the fit it is. */
export function unpackFit(answer: Json): Fitted {
  const { weights, ...others } = answer as unknown as PackedFit;
  return {
    ...others,
    weights: weights.map(({ name, shape, base64 }) => {
      // Memory of its own: a buffer from text may lie anywhere in memory that is shared.
      const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
      return { name, shape, values: new Float32Array(bytes.buffer) };
    }),
  };
}
