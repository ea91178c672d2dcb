import { type Dataset, selectRows } from '../data/dataset.ts';
import { unseenRows } from '../data/unseen-rows.ts';
import type { EngineChoice } from '../domain/engine.ts';
import type { Failure } from '../domain/failure.ts';
import { ok, type Result } from '../util/result.ts';
import { classifyRows } from './answer-rows.ts';
import { trainingData } from './training-rows.ts';

/** One of two models that are compared. */
export interface Contestant {
  /** The model's folder. */
  readonly folder: string;
  /** What it was fitted on; undefined where nobody knows. */
  readonly learnedFrom: readonly Dataset[] | undefined;
}

export interface SliceRequest {
  /** 'test', 'feedback'. */
  readonly slice: string;
  readonly dataset: Dataset;
  readonly challenger: Contestant;
  readonly champion: Contestant;
  readonly choice: EngineChoice;
  /** The challenger's class of each row of the dataset, where it has been asked already. */
  readonly predicted?: readonly number[];
}

/** What is true of rows that neither model learned from, and what the two say. */
export interface Slice {
  readonly slice: string;
  readonly labels: Int32Array;
  readonly challenger: Int32Array;
  readonly champion: Int32Array;
  /** How the rows were chosen, where it is worth a word. */
  readonly note: string;
}

/** Asks both models about the rows that neither of them learned from. */
export async function answerSlice(request: SliceRequest): Promise<Result<Slice, Failure>> {
  const { slice, dataset, challenger, champion, choice, predicted } = request;
  const chosen = unseenRows(dataset, [...(challenger.learnedFrom ?? []), ...(champion.learnedFrom ?? [])]);
  const unseen = selectRows(dataset, chosen);
  const note = noteOf(request, dataset.rows - chosen.length);
  const { labels } = unseen;
  const none = new Int32Array();
  if (labels.length === 0) return ok({ slice, labels, challenger: none, champion: none, note });
  const data = trainingData(unseen);
  if (!data.ok) return data;
  const { rows } = data.value;
  const theirs = await classifyRows({ folder: champion.folder, choice, rows });
  if (!theirs.ok) return theirs;
  const mine =
    predicted?.length === dataset.rows
      ? ok(chosen.map((row) => predicted[row] as number))
      : await classifyRows({ folder: challenger.folder, choice, rows });
  return mine.ok ? ok({ slice, labels, challenger: mine.value, champion: theirs.value, note }) : mine;
}

function noteOf({ champion }: SliceRequest, leftOut: number): string {
  const notes = [
    ...(leftOut === 0 ? [] : [`${leftOut} left out that one of them learned from`]),
    ...(champion.learnedFrom === undefined ? ['what the champion learned from is not known'] : []),
  ];
  return notes.join('; ');
}
