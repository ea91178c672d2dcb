import { type Failure, failure } from '../domain/failure.ts';
import type { Comparison, Condition } from '../domain/pipeline.ts';
import { lastMetric, metricNames } from '../runlog/metrics.ts';
import type { RunLog } from '../runlog/open.ts';
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';

/** Why a stage is skipped; undefined when its condition holds. */
export type SkipReason = string | undefined;

interface Known {
  readonly log: RunLog;
  /** The stage's own params. */
  readonly params: JsonObject;
  /** The attempt that made what stands for a stage in this run. */
  readonly attemptOf: (stage: string) => number | undefined;
}

/** Checks a stage's condition; a metric that was never reported is a failure, because nothing says which way to go. */
export function checkCondition(condition: Condition, { log, params, attemptOf }: Known): Result<SkipReason, Failure> {
  const { comparison } = condition;
  if (condition.kind === 'param') {
    const name = `params.${condition.path}`;
    return ok(reason(name, valueAt(params, condition.path.split('.')), comparison));
  }
  const { stage, metric, model, split } = condition;
  const attempt = attemptOf(stage);
  const value = attempt === undefined ? undefined : lastMetric(log, attempt, { name: metric, model, split });
  if (value === undefined) {
    const known = attempt === undefined ? [] : metricNames(log, attempt);
    const wanted = [metric, model, split].filter((part) => part !== undefined).join(' ');
    return err(failure('STAGE_NO_METRIC', { stage, metric: wanted, known }));
  }
  return ok(reason(`${stage}.${metric}`, value, comparison));
}

function valueAt(params: JsonObject, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, name) => (isJsonObject(value) ? value[name] : undefined), params);
}

/** A metric may be a number JSON cannot hold. */
const isEqual = (value: Json, wanted: Json): boolean =>
  typeof value === 'number' ? value === wanted : canonicalJson(value) === canonicalJson(wanted);

function reason(name: string, value: Json | undefined, { equals, min, max }: Comparison): SkipReason {
  const shown = value === undefined ? 'not set' : typeof value === 'number' ? String(value) : canonicalJson(value);
  if (equals !== undefined && (value === undefined || !isEqual(value, equals))) {
    return `when ${name} is ${canonicalJson(equals)}; it is ${shown}`;
  }
  if (min !== undefined && !(typeof value === 'number' && value >= min)) {
    return `when ${name} is at least ${min}; it is ${shown}`;
  }
  if (max !== undefined && !(typeof value === 'number' && value <= max)) {
    return `when ${name} is at most ${max}; it is ${shown}`;
  }
  return undefined;
}
