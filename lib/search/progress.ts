/** How far a search is. */
export interface SearchProgress {
  /** Cells that are settled, the running ones by their share. */
  readonly done: number;
  readonly cells: number;
  /** The cell that was heard of last, from 1, and how many there are of each. */
  readonly trial: number;
  readonly trials: number;
  readonly fold: number;
  readonly folds: number;
  /** The best mean over folds that are finished; undefined until a candidate is through. */
  readonly best: number | undefined;
  /** Milliseconds to the end, as the finished fits let expect; undefined until one is. */
  readonly etaMs: number | undefined;
}

export interface SearchProgressTracker {
  /** A fit is this share, 0 to 1, of its way. */
  within(job: number, cell: { readonly trial: number; readonly fold: number }, share: number): void;
  /** A cell has its score, or will have none. */
  settled(trial: number, fold: number, score: number | null): void;
  /** A fit ended after so many milliseconds. */
  finish(job: number, wallMs: number): void;
  /** A fit is not needed. */
  skip(job: number): void;
}

export interface SearchSize {
  readonly trials: number;
  readonly folds: number;
  readonly workers: number;
  /** What each fit costs compared with the others. */
  readonly costs: readonly number[];
  readonly tell: (progress: SearchProgress) => void;
}

/** Adds up what the fits tell of themselves. */
export function createSearchProgress({ trials, folds, workers, costs, tell }: SearchSize): SearchProgressTracker {
  const shares = costs.map(() => 0);
  const scores = new Map<number, (number | null)[]>();
  const spent = { ms: 0, cost: 0 };
  let settled = 0;
  let last = { trial: 0, fold: 0 };
  const best = (): number | undefined => {
    const whole = [...scores.values()].filter((own) => own.length === folds && own.every((score) => score !== null));
    const means = whole.map((own) => own.reduce<number>((sum, score) => sum + (score ?? 0), 0) / folds);
    return means.length === 0 ? undefined : Math.max(...means);
  };
  const etaMs = (): number | undefined => {
    const left = costs.reduce((sum, cost, job) => sum + cost * (1 - (shares[job] ?? 0)), 0);
    return spent.cost === 0 ? undefined : ((spent.ms / spent.cost) * left) / workers;
  };
  const report = (): void => {
    const running = shares.reduce((sum, share) => sum + (share < 1 ? share : 0), 0);
    const done = Math.min(trials * folds, settled + running);
    const { trial, fold } = last;
    tell({
      done,
      cells: trials * folds,
      trial: trial + 1,
      trials,
      fold: fold + 1,
      folds,
      best: best(),
      etaMs: etaMs(),
    });
  };
  return {
    within: (job, cell, share) => {
      last = cell;
      // Only its end makes it whole.
      shares[job] = Math.min(share, 0.999);
      report();
    },
    settled: (trial, fold, score) => {
      last = { trial, fold };
      settled += 1;
      scores.set(trial, [...(scores.get(trial) ?? []), score]);
    },
    finish: (job, wallMs) => {
      shares[job] = 1;
      spent.ms += wallMs;
      spent.cost += costs[job] ?? 0;
      report();
    },
    skip: (job) => {
      shares[job] = 1;
      report();
    },
  };
}
