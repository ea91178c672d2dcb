import { readFileSync, writeFileSync } from 'node:fs';
import { type Dataset, openDataset, selectRows } from 'mlloop/data/dataset';
import type { PredictionEntry } from 'mlloop/domain/effects';
import { failure } from 'mlloop/domain/failure';
import type { Champion } from 'mlloop/domain/questions';
import { orRaise } from 'mlloop/domain/raised';
import type { ReleaseFile } from 'mlloop/domain/release';
import { MOST_WINDOWS } from 'mlloop/domain/rules';
import type { StageContext } from 'mlloop/domain/stage';
import { answerRows } from 'mlloop/ml/answer-rows';
import { readModelCard } from 'mlloop/ml/model-card';
import { predictionEntries } from 'mlloop/ml/prediction-entry';
import { trainingData } from 'mlloop/ml/training-rows';
import { driftLines } from 'mlloop/monitor/drift/drift-text';
import { type JudgedWindow, realWindows, replayedWindows, WINDOW_ROWS } from 'mlloop/monitor/drift/windows';
import { feedbackText, type LabelledSummary, summariseFeedback, unusedLabels } from 'mlloop/monitor/feedback-summary';
import { withReplayed } from 'mlloop/monitor/replay';
import { defineStage } from 'mlloop/stage/define-stage';
import { countUp } from 'mlloop/util/count-up';
import { createRng } from 'mlloop/util/rng';
import { childSeed } from 'mlloop/util/seed';
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;

const Params = Type.Object(
  {
    simulate: Type.Optional(
      Type.Object(
        { rows: Type.Integer({ minimum: 1, description: 'Rows of the live split to replay through the champion.' }) },
        closed,
      ),
    ),
    drift: Type.Optional(
      Type.Object(
        {
          level: Type.Optional(
            Type.Number({
              exclusiveMinimum: 0,
              maximum: 0.5,
              description: 'Share of windows without drift that may alarm all the same (default: 0.01).',
            }),
          ),
          rows: Type.Optional(
            Type.Integer({ minimum: 500, maximum: 100000, description: 'Rows of a window (default: 1000).' }),
          ),
        },
        { ...closed, description: 'How live answers are compared with those to the test set.' },
      ),
    ),
  },
  closed,
);

type Context = StageContext<Static<typeof Params>>;

/** The rows that stand in for traffic, drawn by the stage's seed. */
function drawRows(ctx: Context, live: Dataset, rows: number): Dataset {
  const every = countUp(live.rows);
  const drawn = createRng(childSeed(ctx.seed, 'replay')).shuffle(every).slice(0, rows).sort();
  if (drawn.length < rows) ctx.log(`The live split has ${live.rows} rows; ${rows} were to be replayed.`, 'warning');
  return selectRows(live, drawn);
}

/** Answers of the champion to rows whose label is known, as if people had corrected them. */
async function replay(ctx: Context, champion: Champion, rows: number): Promise<PredictionEntry[]> {
  const live = drawRows(ctx, orRaise(openDataset(ctx.deps['live'] ?? '')), rows);
  const { rows: asked, classes } = orRaise(trainingData(live));
  const { inputs, labels } = asked;
  if (!(inputs instanceof Uint8Array)) {
    return ctx.fail(failure('DATA_NO_PIXELS', { what: 'Replaying live rows', features: live.features }));
  }
  const { tfjs: choice } = await ctx.ask('engine', null);
  const probabilities = orRaise(await answerRows({ folder: champion.folder, choice, rows: asked }));
  const { modelHash } = champion;
  return predictionEntries({ purpose: 'simulated', modelHash, inputs, probabilities, classes: classes.length, labels });
}

/** Compares what the champion was asked since the last window with its reference; replayed rows apart from real ones. */
async function judgeWindows(
  ctx: Context,
  champion: Champion,
  replayed: readonly PredictionEntry[],
): Promise<JudgedWindow[]> {
  const { level, rows: size = WINDOW_ROWS } = ctx.params.drift ?? {};
  const { line, version, folder } = champion;
  const state = await ctx.ask('drift', { line, rows: size, windows: MOST_WINDOWS });
  if (state === null) return [];
  const card = readModelCard(folder);
  // Answers are on record whatever became of the model's files; only its inputs cannot be read without it.
  const shape = card.ok ? card.value.spec.input : [];
  const inputs = { line, version, reference: state.reference, shape, level, size };
  return [...realWindows(inputs, state.pending), ...replayedWindows(inputs, replayed)];
}

function tellCounts(ctx: Context, split: string, { predictions, labels, coverage, accuracy }: LabelledSummary): void {
  if (predictions === 0) return;
  ctx.metric('labels', labels, { split });
  if (coverage !== null) ctx.metric('coverage', coverage, { split });
  if (accuracy === null) return;
  ctx.metric('accuracy', accuracy.value, { split });
  ctx.metric('accuracyLow', accuracy.low, { split });
  ctx.metric('accuracyHigh', accuracy.high, { split });
}

export default defineStage({
  params: Params,
  reads: ['engine', 'champion', 'labels', 'drift'],
  effects: true,
  async run(ctx) {
    const { line } = JSON.parse(readFileSync(ctx.deps['release'] ?? '', 'utf8')) as ReleaseFile;
    const before = await ctx.ask('labels', { line });
    const { champion } = before;
    if (champion === null) return ctx.fail(failure('REGISTRY_NO_CHAMPION', { line }));
    const { simulate } = ctx.params;
    const { version } = champion;
    const tell = (text: string, level: 'info' | 'warning', title = 'feedback'): void =>
      ctx.record({ kind: 'note', title, text, level });

    let replayed: readonly PredictionEntry[] = [];
    let state: Parameters<typeof summariseFeedback>[0] = before;
    if (simulate !== undefined && before.hasRealLabels) {
      tell('real labels have come, so no more are simulated', 'info');
    } else if (simulate !== undefined) {
      const entries = await replay(ctx, champion, simulate.rows);
      replayed = entries;
      ctx.effect({ kind: 'simulate', line, version, entries });
      state = withReplayed(before, { line, version, entries });
    }
    const summary = summariseFeedback(state);
    tellCounts(ctx, 'live', summary.real);
    tellCounts(ctx, 'simulated', summary.simulated);
    tell(feedbackText(summary), summary.mode === 'simulated' ? 'warning' : 'info');
    for (const text of unusedLabels(before)) tell(text, 'info');
    const windows = await judgeWindows(ctx, champion, replayed);
    for (const { window } of windows) ctx.effect({ kind: 'drift', window });
    for (const { text, level } of driftLines(windows.map(({ window }) => window))) tell(text, level, 'drift');
    const drift = windows.map(({ window }) => window);
    writeFileSync(ctx.outs['summary'] ?? '', `${JSON.stringify({ line, ...summary, drift })}\n`);
  },
});
