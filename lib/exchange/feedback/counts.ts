import type { FeedbackCounts } from '../../domain/imported-feedback.ts';

/** What becomes of a file with a row that cannot be right: it ends the import, or the row is set aside with its reason. */
export type BadRowPolicy = 'stop' | 'quarantine';

/** What becomes of a label whose prediction is not on record: as of a bad row, or it waits for the prediction to come. */
export type UnknownPolicy = BadRowPolicy | 'wait';

/** The same while the file is read, and what was wrong with it. */
export interface RowCounts extends FeedbackCounts {
  /** Rows that end the import. */
  readonly bad: number;
  /** The first of these. */
  readonly problems: readonly RowProblem[];
}

export interface RowProblem {
  readonly line: number;
  readonly problem: string;
}

/** Problems that are kept for the message. */
const SHOWN = 8;

export type CountsSoFar = { -readonly [Count in keyof FeedbackCounts]: number } & { bad: number };

export const noCounts = (): CountsSoFar => ({
  rows: 0,
  added: 0,
  known: 0,
  forgotten: 0,
  waiting: 0,
  predictions: 0,
  quarantined: 0,
  bad: 0,
});

/** The first problems in the order of the file, whatever order they are found in. */
export interface FirstProblems {
  add(problem: RowProblem): void;
  all(): readonly RowProblem[];
}

export function firstProblems(): FirstProblems {
  let kept: RowProblem[] = [];
  return {
    add: (problem) => {
      const last = kept.at(-1);
      if (kept.length === SHOWN && last !== undefined && last.line <= problem.line) return;
      kept = [...kept, problem].sort((a, b) => a.line - b.line).slice(0, SHOWN);
    },
    all: () => kept,
  };
}
