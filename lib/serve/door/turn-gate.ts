import type { Clock } from '../../util/clock.ts';

/** Sheds what arrives once a turn of the event loop has taken requests for so many milliseconds. */
export interface TurnGate {
  /** False for a request that this turn has no time for. */
  admits(): boolean;
}

export interface TurnGateOptions {
  /** Milliseconds of a turn in which requests are taken. */
  readonly budgetMs: number;
  /** Requests that every turn takes, however long they take: on a busy machine a few may take that long. */
  readonly atLeast: number;
  readonly clock: Pick<Clock, 'elapsed'>;
}

/**
 * Where more arrives than the event loop can read, requests wait in their connections, where nobody sees them, and all of them
 * get slow. So a turn takes requests for a while, and refuses the rest of them before their bodies are read: refusing is cheap,
 * and the next turn comes soon.
 */
export function createTurnGate({ budgetMs, atLeast, clock }: TurnGateOptions): TurnGate {
  let startedMs = 0;
  let taken = 0;
  const end = (): void => {
    taken = 0;
  };
  return {
    admits: () => {
      if (taken === 0) {
        startedMs = clock.elapsed();
        setImmediate(end);
      }
      if (taken >= atLeast && clock.elapsed() - startedMs >= budgetMs) return false;
      taken += 1;
      return true;
    },
  };
}
