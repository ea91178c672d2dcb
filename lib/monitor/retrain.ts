import type { DecisionRecord, RuleRecord } from '../domain/records.ts';
import type { Asked, RetrainDecision, RetrainPolicy } from '../domain/retrain.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Models put live are counted over so long, in milliseconds. */
export const PROMOTIONS_WINDOW_MS = DAY_MS;

/** A run that a decision started before. */
export interface LastRetraining {
  /** When it was decided, in milliseconds since the epoch. */
  readonly at: number;
  /** Its run; null when none came on record. */
  readonly run: number | null;
  /** How that run ended: `verdict` when its gates have spoken, one way or the other. */
  readonly ended: 'verdict' | 'failed';
}

/** What the log says at the moment of the decision. */
export interface RetrainFacts {
  readonly now: number;
  /** The version that is live, and when it was put live or last held against another model; null without one. */
  readonly champion: { readonly version: number; readonly testedAt: number } | null;
  /** Null when there was none for this line. */
  readonly last: LastRetraining | null;
  /** Models put live within `PROMOTIONS_WINDOW_MS`. */
  readonly promotions: number;
  /** What the rules of the live side come to, as iterate has them, too. */
  readonly live: DecisionRecord;
}

export interface RetrainRequest {
  readonly asked: Asked;
  /** What a person gave as the reason; empty for none. */
  readonly reason: string;
  readonly policy: RetrainPolicy;
}

/** Decides from the log's state alone, so that a call that is lost or made twice changes nothing. */
export function decideRetrain({ asked, reason, policy }: RetrainRequest, facts: RetrainFacts): RetrainDecision {
  const triggers = [
    noChampion(facts),
    unfinished(facts),
    ...(policy.ageMs === undefined ? [] : [age(policy.ageMs, facts)]),
  ];
  const { live } = facts;
  const brakes = [cooldown(policy.cooldownMs, facts), promotions(policy.promotions, facts)];
  const decided = (verdict: RetrainDecision['verdict'], why: string): RetrainDecision => ({
    verdict,
    reason: why,
    triggers: [...triggers, ...live.rules],
    brakes,
  });
  const notes = (rules: readonly RuleRecord[]): string => rules.map(({ name, note }) => `${name}: ${note}`).join('; ');
  const fired = triggers.filter((rule) => rule.fired);
  const asking = asked === 'if_needed' ? '' : `asked for${reason === '' ? '' : `: ${reason}`}`;
  const asks = live.verdict === 'retrain' ? live.reason : '';
  const wanted = [asking, notes(fired), asks].filter((text) => text !== '').join('; ');
  if (wanted === '') return decided('skipped', live.reason);
  const holding = brakes.filter((brake) => brake.fired);
  if (asked === 'force' || holding.length === 0) return decided('retrain', wanted);
  return decided('skipped', `${notes(holding)} (wanted, because ${wanted})`);
}

function noChampion({ champion }: RetrainFacts): RuleRecord {
  const fired = champion === null;
  const note = fired ? 'no model is live yet' : `v${champion.version} is live`;
  return { name: 'noChampion', value: fired ? 0 : 1, threshold: 1, fired, note };
}

/** What a decision accepted as feedback counts as no news any more, so a run that broke off has to be made up for. */
function unfinished({ last }: RetrainFacts): RuleRecord {
  const fired = last !== null && last.ended === 'failed';
  const which =
    last?.run === null ? 'the last retraining broke off at its beginning' : `run ${last?.run} came to no verdict`;
  const note = fired ? `${which}, so it is tried again` : 'nothing is left over';
  return { name: 'unfinished', value: fired ? 1 : 0, threshold: 1, fired, note };
}

function age(limitMs: number, { champion, now }: RetrainFacts): RuleRecord {
  const rule = { name: 'age', threshold: days(limitMs) };
  if (champion === null) return { ...rule, value: null, fired: false, note: 'no model is live yet' };
  const agedMs = now - champion.testedAt;
  const fired = agedMs >= limitMs;
  const note = `v${champion.version} was last held against another model ${days(agedMs)} days ago ${fired ? '>=' : '<'} ${rule.threshold}`;
  return { ...rule, value: days(agedMs), fired, note };
}

function cooldown(limitMs: number, { last, now }: RetrainFacts): RuleRecord {
  const rule = { name: 'cooldown', threshold: hours(limitMs) };
  if (last === null) return { ...rule, value: null, fired: false, note: 'the first retraining' };
  const value = hours(now - last.at);
  // A run that broke off has used up nothing, and a clock that was set back must not stop everything.
  if (last.ended === 'failed') return { ...rule, value, fired: false, note: 'the last retraining came to no verdict' };
  const fired = now >= last.at && now - last.at < limitMs;
  const note = `the last retraining (run ${last.run}) was ${value} hours ago ${fired ? '<' : '>='} ${rule.threshold}`;
  return { ...rule, value, fired, note };
}

function promotions(limit: number, { promotions: count }: RetrainFacts): RuleRecord {
  const fired = count >= limit;
  const noun = count === 1 ? 'model was' : 'models were';
  const note = `${count} ${noun} put live in the last 24 hours ${fired ? '>=' : '<'} ${limit}`;
  return { name: 'promotions', value: count, threshold: limit, fired, note };
}

/** Rounded down: what is told as a whole limit has reached it. */
const told = (value: number): number => Math.floor(value * 100) / 100;
const days = (ms: number): number => told(ms / DAY_MS);
const hours = (ms: number): number => told(ms / HOUR_MS);
