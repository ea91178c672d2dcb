import { readFileSync, writeFileSync } from 'node:fs';
import { openDataset } from 'mlloop/data/dataset';
import { replayedRows } from 'mlloop/data/replayed-rows';
import { shiftText } from 'mlloop/data/shift';
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
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;

const Params = Type.Object(
  {
    simulate: Type.Optional(
      Type.Object(
        {
          rows: Type.Integer({ minimum: 1, description: 'Rows of the live split to replay through the champion.' }),
          world: Type.Optional(
            Type.Object(
              {
                after: Type.Integer({
                  minimum: 0,
                  description: 'Rows the first version sees before the world changes.',
                }),
                rotate: Type.Optional(
                  Type.Number({ minimum: -180, maximum: 180, description: 'Degrees every image is turned by then.' }),
                ),
                noise: Type.Optional(
                  Type.Number({
                    minimum: 0,
                    maximum: 1,
                    description: 'Standard deviation of the noise on every pixel.',
                  }),
                ),
              },
              { ...closed, description: 'A change to what is replayed, to see the loop close.' },
            ),
          ),
        },
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

type Simulation = NonNullable<Static<typeof Params>['simulate']>;

/** Answers of the champion to rows whose label is known, as if people had corrected them. */
async function replay(ctx: Context, champion: Champion, simulate: Simulation): Promise<PredictionEntry[]> {
  const { rows, world } = simulate;
  const live = orRaise(openDataset(ctx.deps['live'] ?? ''));
  const replayed = orRaise(replayedRows(live, { rows, seed: ctx.seed, version: champion.version, world }));
  if (replayed.rows < rows) {
    const part = world === undefined ? '' : `, of which a version is asked half`;
    ctx.log(`The live split has ${live.rows} rows${part}; ${rows} were to be replayed.`, 'warning');
  }
  const { rows: asked, classes } = orRaise(trainingData(replayed));
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

/** Nobody is to take a simulated world for their own. */
function worldText(world: NonNullable<Simulation['world']>, version: number): string {
  const from = version === 1 && world.after > 0 ? `from row ${world.after + 1} on` : 'from the first row on';
  return `SIMULATED WORLD: what v${version} is asked is ${shiftText(world)} ${from}`;
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

function tellWindows(ctx: Context, judged: readonly JudgedWindow[]): void {
  for (const split of ['live', 'simulated'] as const) {
    const windows = judged.filter(({ window }) => window.simulated === (split === 'simulated'));
    if (windows.length === 0) continue;
    ctx.metric('windows', windows.length, { split });
    ctx.metric('driftWindows', windows.filter(({ window }) => window.verdict === 'drift').length, { split });
  }
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
      const entries = await replay(ctx, champion, simulate);
      replayed = entries;
      if (simulate.world !== undefined) tell(worldText(simulate.world, version), 'warning');
      ctx.effect({ kind: 'simulate', line, version, entries });
      state = withReplayed(before, { line, version, entries });
    }
    const summary = summariseFeedback(state);
    tellCounts(ctx, 'live', summary.real);
    tellCounts(ctx, 'simulated', summary.simulated);
    tell(feedbackText(summary), summary.mode === 'simulated' ? 'warning' : 'info');
    for (const text of unusedLabels(before)) tell(text, 'info');
    const windows = await judgeWindows(ctx, champion, replayed);
    tellWindows(ctx, windows);
    for (const { window } of windows) ctx.effect({ kind: 'drift', window });
    for (const { text, level } of driftLines(windows.map(({ window }) => window))) tell(text, level, 'drift');
    const drift = windows.map(({ window }) => window);
    writeFileSync(ctx.outs['summary'] ?? '', `${JSON.stringify({ line, ...summary, drift })}\n`);
  },
});
