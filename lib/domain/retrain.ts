import type { RuleRecord } from './records.ts';
import type { Rules } from './rules.ts';

/** When `retrain` starts a run by itself, and when it must not. */
export interface RetrainPolicy {
  /** How old the last comparison of the champion with another model may become; undefined for any age. */
  readonly ageMs: number | undefined;
  /** At least so long between two retrainings. */
  readonly cooldownMs: number;
  /** At most so many models put live in 24 hours. */
  readonly promotions: number;
  readonly rules: Rules;
}

/** How a retraining was asked for: by who lets the rules decide, by who wants one now, by who wants one whatever holds it back. */
export const ASKED = ['if_needed', 'now', 'force'] as const;

export type Asked = (typeof ASKED)[number];

/** A written decision: every rule with what it saw. */
export interface RetrainDecision {
  /** `failed`: what the rules look at could not be made, so nothing was decided. */
  readonly verdict: 'retrain' | 'skipped' | 'failed';
  readonly reason: string;
  /** What asks for a retraining. */
  readonly triggers: readonly RuleRecord[];
  /** What holds one back. */
  readonly brakes: readonly RuleRecord[];
}
