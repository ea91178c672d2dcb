import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, openDataset } from 'mlloop/data/dataset';
import { findImageColumn } from 'mlloop/data/image-column';
import { pngDataUri } from 'mlloop/data/sharp-image';
import type { DriftReference } from 'mlloop/domain/drift';
import type { EngineChoice } from 'mlloop/domain/engine';
import type { EvaluationFile, ModelEvaluation } from 'mlloop/domain/evaluation';
import { isSimulated } from 'mlloop/domain/feedback-provenance';
import { orRaise } from 'mlloop/domain/raised';
import type { StageContext } from 'mlloop/domain/stage';
import { answerRows } from 'mlloop/ml/answer-rows';
import { type Evaluation, evaluateAnswers, OVERALL_METRICS } from 'mlloop/ml/metrics/evaluate';
import { trainingData } from 'mlloop/ml/training-rows';
import { inputStatistics } from 'mlloop/monitor/drift/input-statistics';
import { MIN_DRIFT_ROWS } from 'mlloop/monitor/drift/limits';
import { makeReference } from 'mlloop/monitor/drift/reference';
import { evaluationReport, type HistoryRow } from 'mlloop/report/html/evaluation-report';
import type { ShownImage } from 'mlloop/report/html/figure';
import { searchPoints } from 'mlloop/search/search-points';
import { defineStage } from 'mlloop/stage/define-stage';
import { childSeed } from 'mlloop/util/seed';
import { Type } from 'typebox';

/** Images in each figure of the report. */
const SHOWN = 25;

/** The dep that holds each model. */
const MODELS = { baseline: 'baseline', optimised: 'model' } as const;

type ModelName = keyof typeof MODELS;

function tellScores(ctx: StageContext<unknown>, model: string, { evaluation, classes }: Scored): void {
  const split = 'test';
  for (const name of OVERALL_METRICS) ctx.metric(name, evaluation[name], { model, split });
  evaluation.perClass.forEach(({ precision, recall, f1 }, at) => {
    const where = { model, split, label: classes[at] ?? String(at) };
    ctx.metric('precision', precision, where);
    ctx.metric('recall', recall, where);
    ctx.metric('f1', f1, where);
  });
}

interface Scored {
  readonly evaluation: Evaluation;
  readonly classes: readonly string[];
  /** rows x classes. */
  readonly probabilities: Float32Array;
}

const forFile = ({ evaluation }: Scored): ModelEvaluation => ({
  overall: Object.fromEntries(OVERALL_METRICS.map((name) => [name, evaluation[name]])),
  perClass: evaluation.perClass,
  confusion: [...evaluation.confusion.counts],
  calibration: evaluation.calibration,
});

/** Pictures of some rows with the answers to them; none where the rows are no images. */
async function showRows(test: Dataset, rows: readonly number[], scored: Scored): Promise<ShownImage[]> {
  const image = findImageColumn(test);
  if (image === undefined) return [];
  const { height, width, data } = image;
  const { evaluation, classes, probabilities } = scored;
  return Promise.all(
    rows.map(async (row) => {
      // Ink is light on black in the data; on a page it is dark on white.
      const pixels = data.slice(row * height * width, (row + 1) * height * width).map((value) => 255 - value);
      const predicted = evaluation.predicted[row] as number;
      return {
        source: await pngDataUri({ height, width, pixels }),
        actual: classes[test.labels[row] as number] ?? '',
        predicted: classes[predicted] ?? '',
        confidence: probabilities[row * classes.length + predicted] as number,
      };
    }),
  );
}

function surestMistakes(test: Dataset, { evaluation, classes, probabilities }: Scored): number[] {
  const confidence = (row: number): number =>
    probabilities[row * classes.length + (evaluation.predicted[row] as number)] as number;
  const wrong = [...test.labels.keys()].filter((row) => evaluation.predicted[row] !== test.labels[row]);
  return wrong.sort((a, b) => confidence(b) - confidence(a) || a - b).slice(0, SHOWN);
}

/** A model's answers to rows, and how good they are. */
async function scoreOn(rows: Dataset, folder: string, choice: EngineChoice): Promise<Scored> {
  const { rows: asked, classes } = orRaise(trainingData(rows));
  const probabilities = orRaise(await answerRows({ folder, choice, rows: asked }));
  return { probabilities, classes, evaluation: evaluateAnswers(rows.labels, probabilities, classes.length) };
}

/** What later answers of the model are compared with: its answers to rows that no model is fitted on. */
function referenceOf(dataset: Dataset, { evaluation, classes, probabilities }: Scored, seed: number): DriftReference {
  const { rows, input } = orRaise(trainingData(dataset));
  const inputs = inputStatistics(rows.inputs, dataset.rows, input);
  const answers = {
    rows: dataset.rows,
    probabilities,
    predicted: evaluation.predicted,
    labels: dataset.labels,
    inputs,
  };
  const raw = { data: rows.inputs, rows: dataset.rows, width: input.reduce((size, side) => size * side, 1) };
  return makeReference({ answers, classes, seed: childSeed(seed, 'drift-reference'), raw });
}

/** Feedback that was held out; undefined where there is none. */
function heldOut({ deps }: StageContext<unknown>): Dataset | undefined {
  const opened = deps['feedback'] === undefined ? undefined : orRaise(openDataset(deps['feedback']));
  return opened === undefined || opened.rows === 0 ? undefined : opened;
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;

export default defineStage({
  params: Type.Object(
    {
      reference: Type.Optional(
        Type.Union([Type.Literal('test'), Type.Literal('feedback')], {
          description:
            'Rows that later answers are compared with: the test set, or feedback that was held out, once there is enough (default: test).',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  reads: ['engine', 'pipeline'],
  async run(ctx) {
    const { tfjs: choice } = await ctx.ask('engine', null);
    const test = orRaise(openDataset(ctx.deps['test'] ?? ''));
    const feedback = heldOut(ctx);
    const folderOf = (name: ModelName): string => ctx.deps[MODELS[name]] ?? '';
    const score = async (name: ModelName): Promise<Scored> => {
      ctx.progress({ label: 'model', current: name === 'baseline' ? 0 : 1, total: 2, detail: name });
      const scored = await scoreOn(test, folderOf(name), choice);
      tellScores(ctx, name, scored);
      return scored;
    };
    const baseline = await score('baseline');
    const optimised = await score('optimised');
    const file: EvaluationFile = {
      format: 'mlloop-evaluation',
      version: 1,
      rows: test.rows,
      generated: test.meta.generated,
      classes: optimised.classes,
      models: { baseline: forFile(baseline), optimised: forFile(optimised) },
      candidate: 'optimised',
      predicted: [...optimised.evaluation.predicted],
    };
    writeFileSync(ctx.outs['metrics'] ?? '', `${JSON.stringify(file)}\n`);
    const onFeedback = feedback === undefined ? undefined : await scoreOn(feedback, folderOf('optimised'), choice);
    if (feedback !== undefined && onFeedback !== undefined) {
      const split = isSimulated(feedback) ? 'simulated feedback' : 'feedback';
      ctx.metric('accuracy', onFeedback.evaluation.accuracy, { model: 'optimised', split });
    }
    if (ctx.outs['reference'] !== undefined) {
      const isEnough = ctx.params.reference === 'feedback' && (feedback?.rows ?? 0) >= MIN_DRIFT_ROWS;
      const reference =
        isEnough && feedback !== undefined && onFeedback !== undefined
          ? referenceOf(feedback, onFeedback, ctx.seed)
          : referenceOf(test, optimised, ctx.seed);
      writeFileSync(ctx.outs['reference'], `${JSON.stringify(reference)}\n`);
    }
    const history = (name: ModelName): HistoryRow[] => readJson(join(folderOf(name), 'history.json'));
    const report = evaluationReport({
      pipeline: await ctx.ask('pipeline', null),
      evaluation: file,
      histories: { baseline: history('baseline'), optimised: history('optimised') },
      search: ctx.deps['search'] === undefined ? undefined : searchPoints(readJson(ctx.deps['search'])),
      first: await showRows(test, [...test.labels.keys()].slice(0, SHOWN), optimised),
      mistakes: await showRows(test, surestMistakes(test, optimised), optimised),
    });
    writeFileSync(ctx.outs['report'] ?? '', report);
  },
});
