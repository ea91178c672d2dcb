import type { Clock } from '../../util/clock.ts';

/** Sheds what arrives once a turn of the event loop has taken requests for so many milliseconds. */
export interface TurnGate {
  /** False for a request that this turn has no time for. */
  admits(): boolean;
}

/**
 * Where more arrives than the event loop can read, requests wait in their connections, where nobody sees them, and all of them
 * get slow. So a turn takes requests for a while, and refuses the rest of them before their bodies are read: refusing is cheap,
 * and the next turn comes soon.
 */
export function createTurnGate(budgetMs: number, clock: Clock): TurnGate {
  let startedMs: number | undefined;
  const end = (): void => {
    startedMs = undefined;
  };
  return {
    admits: () => {
      const nowMs = clock.elapsed();
      if (startedMs === undefined) {
        startedMs = nowMs;
        setImmediate(end);
      }
      return nowMs - startedMs < budgetMs;
    },
  };
}
