import type { Clock } from '../util/clock.ts';

/** The time that something takes, as it is looked at. */
export interface LoadTime {
  /** Milliseconds so far, without those in which nobody could look. */
  look(): number;
}

/** The most that passes between two looks, in milliseconds; what is beyond it the whole machine stood still. */
const STEP_MS = 1000;

export function createLoadTime(clock: Clock): LoadTime {
  let spentMs = 0;
  let lookedMs = clock.elapsed();
  return {
    look: () => {
      const nowMs = clock.elapsed();
      spentMs += Math.min(nowMs - lookedMs, STEP_MS);
      lookedMs = nowMs;
      return spentMs;
    },
  };
}
