/**
 * How long one call should take, in milliseconds. A call holds the event loop: progress, cancelling and heartbeats wait for
 * it, and 250 ms is what they may wait. A machine that is suddenly four times as busy is still within that.
 */
const WANTED_MS = 60;

/** Numbers the rows of one call may be answered with: those of all its steps are held at once, for their loss. */
const MOST_ANSWERS = 2 ** 20;

/**
 * A call that took no longer than this tells little of its steps: handing over the rows and the state is up to a millisecond
 * of it, which the one call of an epoch's last, smaller batch has for a single step.
 */
const SHORT_MS = WANTED_MS / 4;

/** Steps in the first call, when nobody knows how long one takes. */
const FIRST = 2;

export interface CallSize {
  /** How many of the `left` steps the next call may have. */
  next(left: number): number;
  took(steps: number, ms: number): void;
}

/** How long steps took, of every program by rows in a batch: a fit does not have to find out what the last one did. */
const known = new WeakMap<object, Map<number, CallSize>>();

/** The sizes of a program's calls with batches of so many rows of so many answers. */
export function callSizeOf(program: object, { batch, answers }: { batch: number; answers: number }): CallSize {
  const sizes = known.get(program) ?? new Map<number, CallSize>();
  known.set(program, sizes);
  const size = sizes.get(batch) ?? createCallSize(batch * answers);
  sizes.set(batch, size);
  return size;
}

/**
 * Sizes calls by how long the last ones took, and by how many numbers a step is answered with (batch x outputs). It decides
 * how steps are grouped, never what they compute.
 */
export function createCallSize(answersOfStep: number): CallSize {
  const most = Math.max(1, Math.floor(MOST_ANSWERS / answersOfStep));
  let stepMs: number | undefined;
  return {
    next: (left) => {
      const fitting = stepMs === undefined ? FIRST : Math.max(1, Math.floor(WANTED_MS / stepMs));
      return Math.min(left, fitting, most);
    },
    took: (steps, ms) => {
      const seen = ms / steps;
      // Slower counts at once, faster bit by bit.
      if (stepMs === undefined || (seen > stepMs && ms > SHORT_MS)) stepMs = seen;
      else if (seen < stepMs) stepMs = (stepMs + seen) / 2;
    },
  };
}
