import { writeFileSync } from 'node:fs';
import { type Dataset, openDataset } from 'mlloop/data/dataset';
import { orRaise } from 'mlloop/domain/raised';
import type { FoldRecord } from 'mlloop/domain/records';
import type { StageContext } from 'mlloop/domain/stage';
import { chooseEngine, ENGINE_WISH } from 'mlloop/ml/choose-engine';
import { specFor } from 'mlloop/ml/fit-classifier';
import { shapeSize } from 'mlloop/ml/layer-shapes';
import { readModelCard } from 'mlloop/ml/model-card';
import { writeModel } from 'mlloop/ml/save-model';
import { type Settings, settingsOf, withCandidate } from 'mlloop/ml/settings';
import { tellEpochs } from 'mlloop/ml/tell-epochs';
import { weightSpecs } from 'mlloop/ml/weights';
import { cell } from 'mlloop/search/cell';
import { cvResults } from 'mlloop/search/cv-results';
import { checkAxes, expandGrid, type Grid } from 'mlloop/search/grid';
import { GridSchema } from 'mlloop/search/grid-schema';
import { gridSearch, type SearchOutcome } from 'mlloop/search/grid-search';
import type { SearchProgress } from 'mlloop/search/progress';
import { refit, unpackFiles } from 'mlloop/search/refit';
import { createRefit } from 'mlloop/search/refit-ahead';
import { splitSeedOf } from 'mlloop/search/search-rows';
import { defineStage } from 'mlloop/stage/define-stage';
import type { JsonObject } from 'mlloop/util/json';
import { type Static, Type } from 'typebox';

const Params = Type.Object(
  {
    folds: Type.Integer({ minimum: 2 }),
    grid: GridSchema,
    engine: Type.Optional(ENGINE_WISH),
    choose: Type.Optional(
      Type.Union([Type.Literal('best'), Type.Literal('oneStandardError')], {
        description: 'The best mean, or the simplest candidate within one standard error of it.',
      }),
    ),
    prune: Type.Optional(
      Type.Boolean({
        description:
          'Leave out folds of candidates that cannot win any more; they have no mean then. Nothing is left out with oneStandardError.',
      }),
    ),
    rows: Type.Optional(
      Type.Integer({ minimum: 10, description: 'How many rows the search looks at; the winner is refitted on all.' }),
    ),
  },
  { additionalProperties: false },
);

type Context = StageContext<Static<typeof Params>>;

function tellSearch(ctx: Context, { done, cells, trial, trials, fold, folds, best, etaMs }: SearchProgress): void {
  const found = best === undefined ? '' : `  best ${best.toFixed(4)}`;
  const detail = `trial ${trial}/${trials}  fold ${fold}/${folds}${found}`;
  ctx.progress({ label: 'cell', current: done, total: cells, detail, ...(etaMs === undefined ? {} : { etaMs }) });
}

function tellOutcome(ctx: Context, { trials, scores, winner, baselineScore }: SearchOutcome): void {
  for (const trial of trials) ctx.record({ kind: 'trial', ...trial });
  const tell = (model: string, score: { mean: number | null; std: number | null } | undefined): void => {
    if (score === undefined || score.mean === null || score.std === null) return;
    ctx.metric('accuracy', score.mean, { split: 'cv', model });
    ctx.metric('accuracyStd', score.std, { split: 'cv', model });
  };
  tell('baseline', baselineScore);
  tell('optimised', scores[winner]);
}

function foldLine({ trial, fold, status, score, reused, error }: FoldRecord): string {
  const told = score === null ? `${status}${error === undefined ? '' : `: ${error}`}` : score.toFixed(4);
  return `trial ${trial + 1}, fold ${fold + 1}: ${told}${reused ? ' (computed before)' : ''}`;
}

/** How many numbers a setting's model learns; a model that does not fit the rows learns none. */
function countWeights(dataset: Dataset, settings: Settings): number {
  const spec = specFor(dataset, settings);
  return spec.ok ? weightSpecs(spec.value).reduce((sum, { shape }) => sum + shapeSize(shape), 0) : 0;
}

/** What a worker of the pool computes: one candidate on one fold, and the winner on all rows. */
export const tasks = { cell, refit };

export default defineStage({
  params: Params,
  reads: ['engine'],
  async run(ctx) {
    const dataset = orRaise(openDataset(ctx.deps['data'] ?? ''));
    const card = orRaise(readModelCard(ctx.deps['baseline'] ?? ''));
    const candidates = orRaise(expandGrid(ctx.params.grid as Grid | readonly Grid[]));
    const { folds, rows = null, engine: wish = 'auto', choose = 'best', prune = false } = ctx.params;
    const baseline = settingsOf(card.spec, card.hyperparameters);
    orRaise(checkAxes(candidates, baseline));
    // All cells are computed by one engine, so it has to know what any of them needs.
    const tried = [baseline, ...candidates.map((candidate) => withCandidate(baseline, candidate))];
    const specs = tried.flatMap((settings) => {
      // A candidate that does not fit the rows fails on its own.
      const spec = specFor(dataset, settings);
      return spec.ok ? [spec.value] : [];
    });
    const optimizers = tried.map(({ optimizer }) => optimizer);
    const choice = orRaise(chooseEngine(await ctx.ask('engine', null), { wish, specs, optimizers }));
    ctx.record({ kind: 'used', what: 'engine', value: { ...choice } });
    const { seed } = ctx;
    ctx.tasks.start(candidates.length * folds);
    const split = { rows, folds, splitSeed: splitSeedOf(seed) };
    const scale = dataset.rows / Math.min(rows ?? dataset.rows, dataset.rows);
    const refitting = createRefit({ pool: ctx.tasks, task: 'refit', seed, scale, engine: choice, ...split });
    const outcome = orRaise(
      await gridSearch({
        pool: ctx.tasks,
        task: 'cell',
        memo: ctx.memo('cell', ['data']),
        prune,
        rule: choose,
        weightsOf: (settings) => countWeights(dataset, settings),
        candidates,
        baseline,
        folds,
        rows,
        seed,
        engine: choice,
        onStanding: refitting.consider,
        onFold: (record) => {
          ctx.record({ kind: 'fold', ...record });
          ctx.log(foldLine(record), 'detail');
        },
        onProgress: (progress) => tellSearch(ctx, progress),
      }),
    );
    tellOutcome(ctx, outcome);

    const { onEpoch, onBatch } = tellEpochs(ctx, { model: 'optimised', epochs: outcome.winnerSettings.epochs });
    const answer = await refitting.of(outcome.winnerSettings, (heard) =>
      heard.type === 'epoch' ? onEpoch(heard.metrics) : onBatch(heard.epoch, heard.share),
    );
    // Its processes end while the model is written.
    void ctx.tasks.close();
    writeModel(ctx.outs['model'] ?? '', unpackFiles(orRaise(answer).value));
    const results: JsonObject = {
      ...cvResults(candidates, outcome.scores, outcome.trials),
      best_index: outcome.winner,
      best_params: candidates[outcome.winner] ?? {},
      best_score: outcome.scores[outcome.winner]?.mean ?? null,
      folds,
      rows,
    };
    writeFileSync(ctx.outs['results'] ?? '', `${JSON.stringify(results)}\n`);
  },
});
