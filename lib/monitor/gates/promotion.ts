import { type GateRecord, refuses } from '../../domain/gate.ts';
import { gateCells } from '../../domain/gate-text.ts';
import type { Requirement } from './champion.ts';

/** What becomes of a model that stood before its gates. */
export type Promotion =
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'already live' }
  /** The champion stays: `reason` says what was not proven. */
  | { readonly outcome: 'kept'; readonly reason: string }
  /** `passed` is false where it goes live only because a person said so. */
  | { readonly outcome: 'promoted'; readonly reason: string; readonly passed: boolean };

export interface PromotionInputs {
  readonly rows: readonly GateRecord[];
  readonly require: Requirement;
  /** 'digits v3', as people call it; undefined where there is none. */
  readonly champion: string | undefined;
  /** Whether a person wants it live whatever the gates say. */
  readonly isOverridden: boolean;
}

/**
 * The policy. A refusal of any gate refuses, and a person may override it, but for a model that does not answer as it was trained
 * to. Past that, one slice has to prove what is required, and no slice and no class may be proven worse; else the champion stays.
 */
export function decidePromotion({ rows, require, champion, isOverridden }: PromotionInputs): Promotion {
  const refusals = rows.filter(refuses);
  if (refusals.some(({ gate }) => gate === 'serving')) return { outcome: 'refused' };
  if (refusals.length > 0 && !isOverridden) return { outcome: 'refused' };
  if (rows.some(({ verdict }) => verdict === 'already_live')) return { outcome: 'already live' };
  if (refusals.length > 0) return overridden(`${refusals.length} of ${rows.length} checks refused it`);
  const passed = rows.filter(({ verdict }) => verdict === 'passed').length;
  if (champion === undefined) return promoted(`first model of its line, passed ${passed} checks`);
  const worse = rows.find(({ verdict }) => verdict === 'worse');
  if (worse !== undefined) {
    const reason = `proven worse than ${champion}: ${told(worse)}`;
    return isOverridden ? overridden(reason) : { outcome: 'kept', reason };
  }
  const main = rows.filter(({ gate, limit }) => gate === 'champion' && limit !== null);
  const enough = require === 'better' ? ['better'] : ['better', 'not_worse'];
  const proof = main.find(({ verdict }) => enough.includes(verdict));
  if (proof !== undefined) return promoted(`proven ${shownWord(proof)} than ${champion}: ${told(proof)}`);
  const seen = main.filter(({ rows: count }) => count !== 0).map(told);
  const why = seen.length === 0 ? 'there are no rows to compare them on' : seen.join('; ');
  const reason = `not proven ${require === 'better' ? 'better' : 'no worse'} than ${champion}: ${why}`;
  return isOverridden ? overridden(reason) : { outcome: 'kept', reason };
}

const promoted = (reason: string): Promotion => ({ outcome: 'promoted', reason, passed: true });

const overridden = (reason: string): Promotion => ({ outcome: 'promoted', reason, passed: false });

const shownWord = ({ verdict }: GateRecord): string => (verdict === 'better' ? 'better' : 'no worse');

/** 'accuracyDifference, test +0.0012 (-0.0010 to +0.0034) on 9998 rows, not enough evidence'. */
function told(row: GateRecord): string {
  const [, check, value, , rows, verdict] = gateCells({ ...row, note: '' });
  return `${check} ${value} ${rows}, ${verdict}`;
}
