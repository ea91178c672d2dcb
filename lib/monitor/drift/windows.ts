import type { DriftReference, DriftWindow } from '../../domain/drift.ts';
import type { PredictionEntry } from '../../domain/effects.ts';
import type { PendingAnswers } from '../../domain/questions.ts';
import { sha256 } from '../../util/hash.ts';
import type { AnsweredRows } from './answers.ts';
import { inputStatistics } from './input-statistics.ts';
import { DRIFT_LEVEL, judgeDrift } from './judge.ts';

/** One answer, wherever it was given. */
interface Answer {
  readonly predicted: number;
  readonly probabilities: readonly number[];
  readonly input: Uint8Array | null;
  readonly label: number | null;
}

/** What was compared with what, and what came of it. */
export interface JudgedWindow {
  readonly window: DriftWindow;
  readonly answers: AnsweredRows;
}

export interface WindowInputs {
  readonly line: string;
  readonly version: number;
  readonly reference: DriftReference | null;
  /** The shape of one raw row. */
  readonly shape: readonly number[];
  readonly level: number | undefined;
}

/** The window of real answers that wait; undefined when there are none. */
export function realWindow(
  inputs: WindowInputs,
  { answers, last, digest, older }: PendingAnswers,
): JudgedWindow | undefined {
  if (answers.length === 0) return undefined;
  const note = older === 0 ? '' : `${older} older rows were passed over`;
  return judge(inputs, answers, { simulated: false, last, digest, note });
}

/** The window of replayed answers; undefined when none were replayed. */
export function replayedWindow(inputs: WindowInputs, entries: readonly PredictionEntry[]): JudgedWindow | undefined {
  if (entries.length === 0) return undefined;
  const answers = entries.map(({ label = null, ...entry }) => ({ ...entry, label }));
  const digest = sha256(entries.map(({ predictionId }) => predictionId).join('\n')).slice(0, 16);
  return judge(inputs, answers, { simulated: true, last: null, digest, note: '' });
}

function judge(
  { line, version, reference, shape, level = DRIFT_LEVEL }: WindowInputs,
  answers: readonly Answer[],
  about: Pick<DriftWindow, 'simulated' | 'last' | 'digest' | 'note'>,
): JudgedWindow {
  const rows = collect(answers, shape);
  const { note, ...judgement } = judgeDrift(reference, rows, level);
  const notes = [note, about.note].filter((text) => text !== '').join('; ');
  const window = { ...about, line, version, rows: answers.length, level, ...judgement, note: notes };
  return { window, answers: rows };
}

/** Answers row by row as columns. An input of another size than the model's is as good as none. */
function collect(answers: readonly Answer[], shape: readonly number[]): AnsweredRows {
  const width = shape.reduce((size, side) => size * side, 1);
  const kept = answers.flatMap(({ input }) => (input === null || input.length !== width ? [] : [input]));
  const bytes = new Uint8Array(kept.length * width);
  kept.forEach((input, at) => void bytes.set(input, at * width));
  const classes = answers[0]?.probabilities.length ?? 0;
  const probabilities = new Float32Array(answers.length * classes);
  answers.forEach((answer, at) => void probabilities.set(answer.probabilities, at * classes));
  return {
    rows: answers.length,
    probabilities,
    predicted: answers.map(({ predicted }) => predicted),
    labels: answers.flatMap(({ label }) => (label === null ? [] : [label])),
    inputs: inputStatistics(bytes, kept.length, shape),
  };
}
