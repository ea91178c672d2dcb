import type { EvaluationFile, ModelEvaluation } from '../../domain/evaluation.ts';
import { METRIC_DIRECTION } from '../../domain/metric.ts';
import { calibrationChart } from '../charts/calibration.ts';
import { confusionChart } from '../charts/confusion.ts';
import { learningChart } from '../charts/learning.ts';
import { type SearchPoint, searchChart } from '../charts/search.ts';
import { imageGrid, type ShownImage } from './figure.ts';
import { type Html, html, NOTHING } from './html.ts';
import { chart, page, section } from './page.ts';
import { type Cell, table } from './table.ts';

/** One epoch as a model's history file has it. */
export interface HistoryRow {
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
}

export interface EvaluationReport {
  readonly pipeline: string;
  readonly evaluation: EvaluationFile;
  /** Epoch by epoch, by model name. */
  readonly histories: Readonly<Record<string, readonly HistoryRow[]>>;
  readonly search: { readonly points: readonly SearchPoint[]; readonly folds: number } | undefined;
  /** The first images of the test set, and the surest of the wrong answers; empty where rows are no images. */
  readonly first: readonly ShownImage[];
  readonly mistakes: readonly ShownImage[];
}

/** What the overall numbers are called to people, in the order they are shown. */
const TITLES: Readonly<Record<string, string>> = {
  accuracy: 'accuracy',
  macroPrecision: 'precision, mean over classes',
  macroRecall: 'recall, mean over classes',
  macroF1: 'F1, mean over classes',
  logLoss: 'log loss',
  calibrationError: 'calibration error',
};

/** The report of an evaluation as one self-contained page. */
export function evaluationReport(report: EvaluationReport): string {
  const { pipeline, evaluation } = report;
  const candidate = evaluation.models[evaluation.candidate];
  if (candidate === undefined) throw new Error(`the evaluation has no model '${evaluation.candidate}'`);
  const body = [
    lead(report, candidate),
    section('Numbers on the test set', overallTable(evaluation)),
    figure(report, candidate),
    section('What is taken for what', confusion(evaluation, candidate)),
    section('Class by class', classTable(evaluation, candidate)),
    learning(report),
    searched(report),
    section(
      'How far its probabilities can be trusted',
      chart('Share of right answers by their probability', calibrationChart(candidate.calibration)),
      html`<p>Answers in 15 bands of their probability. On the broken line an answer given with 80 % is right in 80 of 100 cases;
the calibration error is the mean distance from it. A larger dot stands for more answers.</p>`,
    ),
  ];
  return page({ title: `${pipeline}: evaluation`, generated: evaluation.generated, body });
}

function lead({ pipeline, evaluation }: EvaluationReport, { overall }: ModelEvaluation): Html {
  const { rows, candidate } = evaluation;
  const accuracy = overall['accuracy'] ?? 0;
  const wrong = Math.round((1 - accuracy) * rows);
  return html`<h1>${pipeline}</h1>
<p class="lead">The ${candidate} model reads <strong>${(100 * accuracy).toFixed(2)} %</strong> of ${rows} test rows right; ${wrong} ${wrong === 1 ? 'is' : 'are'} wrong.</p>
`;
}

function overallTable({ models }: EvaluationFile): Html {
  const names = Object.keys(models);
  const rows = Object.entries(TITLES).map(([metric, title]) => {
    const values = names.map((name) => models[name]?.overall[metric] ?? Number.NaN);
    const best = METRIC_DIRECTION[metric] === 'min' ? Math.min(...values) : Math.max(...values);
    const isTie = values.every((value) => value === best);
    const cells: (string | Cell)[] = values.map((value) => ({
      text: value.toFixed(4),
      isBest: value === best && !isTie,
    }));
    return [title, ...cells];
  });
  return table({ head: ['', ...names], rows, caption: 'The better number is bold.' });
}

function figure({ first, mistakes }: EvaluationReport, { overall }: ModelEvaluation): Html {
  if (first.length === 0) return NOTHING;
  const accuracy = overall['accuracy'] ?? 0;
  const none = html`<p>None: every answer is right.</p>`;
  return html`${section(
    `The first ${first.length} of the test set`,
    html`<p>Under each image is the answer and its probability. Wrong answers are framed, with what the image is.</p>`,
    imageGrid(first),
  )}${section(
    'The surest mistakes',
    accuracy === 1 ? none : html`<p>The wrong answers the model gave with the highest probability.</p>`,
    imageGrid(mistakes),
  )}`;
}

const confusion = ({ classes, candidate }: EvaluationFile, { confusion: counts }: ModelEvaluation): Html =>
  html`<p>Rows are what it is, columns what the ${candidate} model took it for. Orange cells are mistakes.</p>
${chart(`How often each class was taken for which: ${classes.length} x ${classes.length} counts`, confusionChart({ classes, counts }))}`;

function classTable({ classes }: EvaluationFile, { perClass }: ModelEvaluation): Html {
  const rows = perClass.map(({ precision, recall, f1, support }, at) => [
    classes[at] ?? String(at),
    ...[precision, recall, f1].map((value) => value.toFixed(4)),
    String(support),
  ]);
  return table({ head: ['class', 'precision', 'recall', 'F1', 'rows'], rows });
}

function learning({ histories }: EvaluationReport): Html {
  const names = Object.keys(histories);
  const curves = (of: (row: HistoryRow) => number | null, isHeldOut: boolean) =>
    names.map((name, at) => ({
      name: `${name}, ${isHeldOut ? 'held out' : 'training'}`,
      values: (histories[name] ?? []).map(of),
      colour: at === 0 ? ('baseline' as const) : ('optimised' as const),
      isHeldOut,
    }));
  const loss = [...curves((row) => row.loss, false), ...curves((row) => row.validationLoss, true)];
  const accuracy = [...curves((row) => row.accuracy, false), ...curves((row) => row.validationAccuracy, true)];
  return section(
    'How they learned',
    html`<div class="charts">${chart('Loss by epoch', learningChart('loss', loss))}${chart('Accuracy by epoch', learningChart('accuracy', accuracy))}</div>`,
  );
}

function searched({ search }: EvaluationReport): Html {
  if (search === undefined) return NOTHING;
  const { points, folds } = search;
  return section(
    'The search',
    html`<p>${points.length} candidates, ${folds} folds each. A dot is one fold, the large dot their mean, the bar one standard
deviation to both sides; the winner is orange.</p>`,
    chart(`Accuracy of ${points.length} candidates, fold by fold`, searchChart(points)),
  );
}
