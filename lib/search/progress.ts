/** How far a search is. */
export interface SearchProgress {
  /** Cells finished, the running ones by their share. */
  readonly done: number;
  readonly cells: number;
  /** The cell that was heard of last, from 1, and how many there are of each. */
  readonly trial: number;
  readonly trials: number;
  readonly fold: number;
  readonly folds: number;
  /** The best mean over folds that are finished; undefined until a candidate is through. */
  readonly best: number | undefined;
}

export interface SearchProgressTracker {
  /** A cell is this share, 0 to 1, of its way. */
  within(trial: number, fold: number, share: number): void;
  finished(trial: number, fold: number, score: number | null): void;
}

/** Adds up what the cells tell of themselves. */
export function createSearchProgress(
  trials: number,
  folds: number,
  tell: (progress: SearchProgress) => void,
): SearchProgressTracker {
  const shares = new Map<string, number>();
  const scores = new Map<number, (number | null)[]>();
  const best = (): number | undefined => {
    const whole = [...scores.values()].filter((own) => own.length === folds && own.every((score) => score !== null));
    const means = whole.map((own) => own.reduce<number>((sum, score) => sum + (score ?? 0), 0) / folds);
    return means.length === 0 ? undefined : Math.max(...means);
  };
  const report = (trial: number, fold: number): void => {
    const done = [...shares.values()].reduce((sum, share) => sum + share, 0);
    tell({ done, cells: trials * folds, trial: trial + 1, trials, fold: fold + 1, folds, best: best() });
  };
  return {
    within: (trial, fold, share) => {
      shares.set(`${trial}/${fold}`, share);
      report(trial, fold);
    },
    finished: (trial, fold, score) => {
      shares.set(`${trial}/${fold}`, 1);
      scores.set(trial, [...(scores.get(trial) ?? []), score]);
      report(trial, fold);
    },
  };
}
