import type { DriftReference, DriftWindow } from '../../domain/drift.ts';
import type { PredictionEntry } from '../../domain/effects.ts';
import type { PendingAnswers } from '../../domain/questions.ts';
import { sha256 } from '../../util/hash.ts';
import type { AnsweredRows } from './answers.ts';
import { featureDrift } from './features.ts';
import { inputStatistics } from './input-statistics.ts';
import { type Judgement, judgeDrift } from './judge.ts';
import { DRIFT_LEVEL, MIN_DRIFT_ROWS } from './limits.ts';

/** Rows of a window where nobody says how many. */
export const WINDOW_ROWS = 1000;

/** One answer, wherever it was given. */
export interface Answer {
  readonly predictionId: string;
  readonly predicted: number;
  readonly probabilities: readonly number[];
  readonly input: Uint8Array | null;
}

/** What was compared with what, and what came of it. */
export interface JudgedWindow {
  readonly window: DriftWindow;
  readonly answers: AnsweredRows;
  readonly given: readonly Answer[];
}

export interface WindowInputs {
  readonly line: string;
  readonly version: number;
  readonly reference: DriftReference | null;
  /** The shape of one raw row. */
  readonly shape: readonly number[];
  readonly level: number | undefined;
  /** Rows of a window. */
  readonly size: number;
  /** Whether every feature is looked at, too. */
  readonly features: boolean;
}

/**
 * The windows of real answers that wait, each of `size` rows; what is no whole window yet waits on, and is only spoken of where there
 * is no other. The labels that came since are compared with the last one.
 */
export function realWindows(inputs: WindowInputs, pending: PendingAnswers): JudgedWindow[] {
  const { answers, older, labels, lastLabel } = pending;
  const { size } = inputs;
  const whole = Math.floor(answers.length / size);
  if (whole === 0) return answers.length === 0 ? [] : [waiting(inputs, answers)];
  return Array.from({ length: whole }, (_, at): JudgedWindow => {
    const rows = answers.slice(at * size, (at + 1) * size);
    const isLast = at === whole - 1;
    const note = at === 0 && older > 0 ? `${older} older rows were passed over` : '';
    const about = { simulated: false, last: rows.at(-1)?.number ?? null, note };
    const { window, ...rest } = judge(inputs, rows, isLast ? labels : [], about);
    const hasCounted = window.tests.some(({ group }) => group === 'labels');
    return { ...rest, window: { ...window, lastLabel: hasCounted ? lastLabel : null } };
  });
}

/** The windows of replayed answers. No more of them will come, so what is left over is one as well, if it is enough of one. */
export function replayedWindows(inputs: WindowInputs, entries: readonly PredictionEntry[]): JudgedWindow[] {
  if (entries.length === 0) return [];
  const whole = Math.floor(entries.length / inputs.size);
  const left = entries.length - whole * inputs.size;
  const count = Math.max(1, left >= MIN_DRIFT_ROWS ? whole + 1 : whole);
  return Array.from({ length: count }, (_, at) => {
    const rows = entries.slice(at * inputs.size, at === count - 1 ? entries.length : (at + 1) * inputs.size);
    const labels = rows.flatMap(({ label }) => (label === undefined ? [] : [label]));
    return judge(inputs, rows, labels, { simulated: true, last: null, note: '' });
  });
}

type About = Pick<DriftWindow, 'simulated' | 'last' | 'note'>;

function judge(
  inputs: WindowInputs,
  answers: readonly Answer[],
  labels: readonly number[],
  about: About,
): JudgedWindow {
  const rows = collect(answers, labels, inputs.shape);
  const window = windowOf(inputs, answers, about, judgeDrift(inputs.reference, rows, inputs.level));
  const features = inputs.features && window.tests.length > 0 ? byFeature(inputs, answers) : null;
  return { window: features === null ? window : { ...window, features }, answers: rows, given: answers };
}

/** What is no window yet, told as too little to judge. */
function waiting(inputs: WindowInputs, answers: PendingAnswers['answers']): JudgedWindow {
  const note = `${answers.length} rows wait until they are ${inputs.size}`;
  const about = { simulated: false, last: answers.at(-1)?.number ?? null, note: '' };
  const judgement = { verdict: 'not_enough_data', tests: [], note } as const;
  const window = windowOf(inputs, answers, about, judgement);
  return { window, answers: collect(answers, [], inputs.shape), given: answers };
}

function windowOf(
  { line, version, level = DRIFT_LEVEL }: WindowInputs,
  answers: readonly Answer[],
  { note, ...about }: About,
  judgement: Judgement,
): DriftWindow {
  const digest = sha256(answers.map(({ predictionId }) => predictionId).join('\n')).slice(0, 16);
  const notes = [judgement.note, note].filter((text) => text !== '').join('; ');
  const rows = answers.length;
  return { ...about, line, version, rows, digest, lastLabel: null, level, ...judgement, note: notes };
}

function byFeature({ reference, shape, level = DRIFT_LEVEL }: WindowInputs, answers: readonly Answer[]) {
  return reference?.features === undefined ? null : featureDrift(reference.features, rawOf(answers, shape), level);
}

/** The inputs that are on record, row after row; one of another size than the model's is as good as none. */
function rawOf(answers: readonly Answer[], shape: readonly number[]) {
  const width = shape.reduce((size, side) => size * side, 1);
  const kept = answers.flatMap(({ input }) => (input === null || input.length !== width ? [] : [input]));
  const data = new Uint8Array(kept.length * width);
  kept.forEach((input, at) => void data.set(input, at * width));
  return { data, rows: kept.length, width };
}

/** Answers row by row as columns. */
function collect(answers: readonly Answer[], labels: readonly number[], shape: readonly number[]): AnsweredRows {
  const raw = rawOf(answers, shape);
  const classes = answers[0]?.probabilities.length ?? 0;
  const probabilities = new Float32Array(answers.length * classes);
  answers.forEach((answer, at) => void probabilities.set(answer.probabilities, at * classes));
  return {
    rows: answers.length,
    probabilities,
    predicted: answers.map(({ predicted }) => predicted),
    labels,
    inputs: inputStatistics(raw.data, raw.rows, shape),
  };
}
