import type { Failure } from '../domain/failure.ts';
import type { TaskAnswer, TaskPool } from '../domain/tasks.ts';
import { type Settings, withoutIdleRows } from '../ml/settings.ts';
import type { Json } from '../util/json.ts';
import type { Result } from '../util/result.ts';
import type { RefitInput, RefitProgress } from './refit.ts';

/** How many of the candidates have to be through before one of them is taken for the winner. */
const LEAST_KNOWN = 0.75;

/** How a search stands while some of its cells are not begun yet. */
export interface Standing {
  /** The setting that would win if the search ended now. */
  readonly leader: Settings;
  /** Share of the candidates that have their score, or will have none. */
  readonly known: number;
  /** What the fits that are not begun cost, and what the leader's does on all rows of the search, in one unit. */
  readonly waitingCost: number;
  readonly refitCost: number;
}

export interface RefitRequest extends Omit<RefitInput, 'settings'> {
  readonly pool: TaskPool;
  /** Name of the stage's task that refits. */
  readonly task: string;
  readonly seed: number;
  /** How many rows it learns from for each one the search looks at. */
  readonly scale: number;
}

export interface Refit {
  /** Begins with the leader where that is worth it. */
  consider(standing: Standing): void;
  /** The winner's refit, begun before or now. `tell` hears of it from its start on. */
  of(winner: Settings, tell: (progress: RefitProgress) => void): Promise<Result<TaskAnswer, Failure>>;
}

interface Begun {
  readonly settings: Settings;
  readonly answer: Promise<Result<TaskAnswer, Failure>>;
  /** Hears what was told so far, and what will be. */
  listen(tell: (progress: RefitProgress) => void): void;
}

/**
 * The refit is the longest piece of work of a search, and left to the end it has one worker and the others none. So it is begun
 * with the leader once the other workers need no longer than it does for what is not begun yet. If another candidate wins in
 * the end, it was in vain; the answer is the same.
 */
export function createRefit({ pool, task, seed, scale, ...base }: RefitRequest): Refit {
  let ahead: Begun | undefined;
  const begin = (settings: Settings): Begun => {
    const input: RefitInput = { ...base, settings: withoutIdleRows(settings) };
    const heard: RefitProgress[] = [];
    let tell = (progress: RefitProgress): void => void heard.push(progress);
    const answer = pool.call({
      task,
      input: input as unknown as Json,
      seed,
      onProgress: (progress) => tell(progress as unknown as RefitProgress),
    });
    const listen: Begun['listen'] = (listener) => {
      heard.forEach(listener);
      tell = listener;
    };
    return { settings, answer, listen };
  };
  return {
    consider: ({ leader, known, waitingCost, refitCost }) => {
      const others = pool.workers - 1;
      if (ahead !== undefined || others < 1 || known < LEAST_KNOWN) return;
      if (waitingCost <= refitCost * scale * others) ahead = begin(leader);
    },
    of: (winner, tell) => {
      const begun = ahead?.settings === winner ? ahead : begin(winner);
      begun.listen(tell);
      return begun.answer;
    },
  };
}
