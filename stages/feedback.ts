import { readFileSync, writeFileSync } from 'node:fs';
import { openDataset } from 'mlloop/data/dataset';
import { replayedRows } from 'mlloop/data/replayed-rows';
import { pngDataUri } from 'mlloop/data/sharp-image';
import { shiftText } from 'mlloop/data/shift';
import type { DriftReference } from 'mlloop/domain/drift';
import type { PredictionEntry } from 'mlloop/domain/effects';
import { failure } from 'mlloop/domain/failure';
import { isDemo } from 'mlloop/domain/line';
import type { Champion } from 'mlloop/domain/questions';
import { orRaise } from 'mlloop/domain/raised';
import type { ReleaseFile } from 'mlloop/domain/release';
import { MOST_WINDOWS } from 'mlloop/domain/rules';
import type { StageContext } from 'mlloop/domain/stage';
import { answerRows } from 'mlloop/ml/answer-rows';
import { readModelCard } from 'mlloop/ml/model-card';
import { predictionEntries } from 'mlloop/ml/prediction-entry';
import { trainingData } from 'mlloop/ml/training-rows';
import { coverageText } from 'mlloop/monitor/accuracy-windows';
import { driftLines } from 'mlloop/monitor/drift/drift-text';
import { featureText } from 'mlloop/monitor/drift/features';
import { histograms } from 'mlloop/monitor/drift/histograms';
import { type JudgedWindow, realWindows, replayedWindows, WINDOW_ROWS } from 'mlloop/monitor/drift/windows';
import { FEEDBACK_PARAMS, type FeedbackParams } from 'mlloop/monitor/feedback-params';
import { feedbackText, type LabelledSummary, summariseFeedback, unusedLabels } from 'mlloop/monitor/feedback-summary';
import { withReplayed } from 'mlloop/monitor/replay';
import { leastSure, surestWrong } from 'mlloop/monitor/worth-a-look';
import { driftReport, type ShownWindow } from 'mlloop/report/html/drift-report';
import type { ShownImage } from 'mlloop/report/html/figure';
import { defineStage } from 'mlloop/stage/define-stage';

type Context = StageContext<FeedbackParams>;

type Simulation = NonNullable<FeedbackParams['simulate']>;

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
  const { tfjs: choice } = await ctx.ask('engine', null);
  const probabilities = orRaise(await answerRows({ folder: champion.folder, choice, rows: asked }));
  const { modelHash } = champion;
  return predictionEntries({ purpose: 'simulated', modelHash, inputs, probabilities, classes: classes.length, labels });
}

interface Judged {
  readonly windows: readonly JudgedWindow[];
  readonly reference: DriftReference | null;
  /** The shape of one raw row; empty where the model's files do not say. */
  readonly shape: readonly number[];
}

/** Compares what the champion was asked since the last window with its reference; replayed rows apart from real ones. */
async function judgeWindows(ctx: Context, champion: Champion, replayed: readonly PredictionEntry[]): Promise<Judged> {
  const { level, rows: size = WINDOW_ROWS, features = false } = ctx.params.drift ?? {};
  const { line, version, folder } = champion;
  const state = await ctx.ask('drift', { line, rows: size, windows: MOST_WINDOWS });
  if (state === null) return { windows: [], reference: null, shape: [] };
  const card = readModelCard(folder);
  // Answers are on record whatever became of the model's files; only its inputs cannot be read without it.
  const shape = card.ok ? card.value.spec.input : [];
  const { reference, pending } = state;
  const inputs = { line, version, reference, shape, level, size, features };
  return { windows: [...realWindows(inputs, pending), ...replayedWindows(inputs, replayed)], reference, shape };
}

/** Images under each heading of the page. */
const SHOWN = 15;

/** Values as grey, the largest black. */
function darkness(values: readonly number[]): Uint8Array {
  const most = values.reduce((largest, value) => Math.max(largest, value), 0);
  return Uint8Array.from(values, (value) => 255 - Math.round((255 * value) / Math.max(most, Number.MIN_VALUE)));
}

/** A window with its pictures; none of rows that are no images, or are not on record. */
async function showWindow(
  { window, answers, given }: JudgedWindow,
  { reference, shape }: Judged,
  labels: ReadonlyMap<string, number>,
): Promise<ShownWindow> {
  const text = driftLines([window])[0]?.text ?? '';
  if (reference === null) return { window, text, histograms: [], uncertain: [], mistakes: [], where: undefined };
  const [height = 0, width = 0] = shape;
  const isImage = shape.length === 2;
  const looked = given.flatMap(({ input, ...answer }) =>
    isImage && input?.length === height * width ? [{ ...answer, input, label: labels.get(answer.predictionId) }] : [],
  );
  const nameOf = (label: number | undefined): string => (label === undefined ? '' : (reference.classes[label] ?? ''));
  const drawn = (chosen: typeof looked): Promise<ShownImage[]> =>
    Promise.all(
      chosen.map(async ({ input, predicted, probabilities, label, predictionId }) => ({
        // Ink is light on black in the data; on a page it is dark on white.
        source: await pngDataUri({ height, width, pixels: input.map((value) => 255 - value) }),
        actual: nameOf(label),
        predicted: nameOf(predicted),
        confidence: probabilities[predicted] ?? 0,
        id: predictionId,
      })),
    );
  const [uncertain, mistakes] = await Promise.all([drawn(leastSure(looked, SHOWN)), drawn(surestWrong(looked, SHOWN))]);
  const where =
    window.features === undefined || !isImage
      ? undefined
      : {
          source: await pngDataUri({ height, width, pixels: darkness(window.features.values) }),
          text: featureText(window, shape),
        };
  return { window, text, histograms: histograms(reference, answers), uncertain, mistakes, where };
}

/** Of each kind the window that says most: the last that drifts, else the last. */
const telling = (windows: readonly JudgedWindow[]): JudgedWindow[] =>
  [false, true].flatMap((simulated) => {
    const own = windows.filter(({ window }) => window.simulated === simulated);
    const shown = own.findLast(({ window }) => window.verdict === 'drift') ?? own.at(-1);
    return shown === undefined ? [] : [shown];
  });

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
  params: FEEDBACK_PARAMS,
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
    const soFar = coverageText(summary.real, before.labelDelay);
    for (const text of [...(soFar === undefined ? [] : [soFar]), ...unusedLabels(before)]) tell(text, 'info');
    const judged = await judgeWindows(ctx, champion, replayed);
    const { windows } = judged;
    tellWindows(ctx, windows);
    for (const { window } of windows) ctx.effect({ kind: 'drift', window });
    const drift = windows.map(({ window }) => window);
    for (const { text, level } of driftLines(drift)) tell(text, level, 'drift');
    const shown = telling(windows);
    for (const { window } of shown) {
      if (window.features !== undefined) tell(featureText(window, judged.shape), 'info', 'drift');
    }
    if (ctx.outs['report'] !== undefined) {
      const labels = new Map(state.labelled.map(({ predictionId, label }) => [predictionId, label]));
      const pictured = await Promise.all(shown.map((window) => showWindow(window, judged, labels)));
      const lines = driftLines(drift).map(({ text }) => text);
      const about = { line, version, generated: isDemo(line), feedback: feedbackText(summary) };
      writeFileSync(ctx.outs['report'], driftReport({ ...about, lines, windows: pictured }));
    }
    writeFileSync(ctx.outs['summary'] ?? '', `${JSON.stringify({ line, ...summary, drift })}\n`);
  },
});
