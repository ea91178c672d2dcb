import { type Failure, failure } from '../domain/failure.ts';
import {
  type Action,
  type Dep,
  FILLING,
  type LogPolicy,
  type Pipeline,
  type RetryPolicy,
  type Stage,
} from '../domain/pipeline.ts';
import type { RetrainPolicy } from '../domain/retrain.ts';
import { parseDuration } from '../util/duration.ts';
import type { JsonObject } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import { didYouMean } from '../util/suggest.ts';
import { conditionFaults, toCondition } from './condition.ts';
import type { Locator } from './diagnose.ts';
import type { PipelineYaml, StageYaml } from './schema.ts';

interface Applied {
  readonly profile: string | undefined;
  readonly overrides: Readonly<Record<string, string>>;
}

/** Checks what a schema cannot: that names resolve and that a stage does one thing. Cycles are the graph's to find. */
export function toPipeline(
  yaml: PipelineYaml,
  locator: Locator,
  applied: Applied,
): Result<Pipeline, readonly Failure[]> {
  const failures: Failure[] = [];
  const stages: Stage[] = [];
  for (const [name, stage] of Object.entries(yaml.stages)) {
    const action = toAction(name, stage, locator);
    if (action.ok) stages.push(toStage(name, stage, { action: action.value, locator }));
    else failures.push(action.failure);
  }
  const known = outsOf(yaml);
  for (const stage of stages) {
    failures.push(
      ...danglingDeps(stage, known, locator),
      ...emptyFillings(stage, locator),
      ...conditionFaults(stage, { stages, yaml, locator }),
    );
  }
  if (failures.length > 0) return err(failures);
  const { name, seed, keep = {}, log = {} } = yaml;
  return ok({
    name,
    seed,
    stages,
    keep: { ...DEFAULT_KEEP, ...keep },
    log: toLog(log),
    retrain: toRetrain(yaml.retrain),
    ...applied,
  });
}

function toAction(name: string, stage: StageYaml, locator: Locator): Result<Action, Failure> {
  if (stage.run !== undefined && stage.cmd === undefined) return ok({ kind: 'module', file: stage.run });
  if (stage.cmd !== undefined && stage.run === undefined) return ok({ kind: 'program', argv: stage.cmd });
  const problem = stage.run === undefined ? "lacks 'run' or 'cmd'" : "has both 'run' and 'cmd'; keep one";
  return err(failure('CONFIG_INVALID', { path: name, problem }, locator.placeOfKey(['stages', name])));
}

function toStage(name: string, yaml: StageYaml, rest: { readonly action: Action; readonly locator: Locator }): Stage {
  return {
    name,
    description: yaml.desc ?? '',
    action: rest.action,
    deps: Object.fromEntries(Object.entries(yaml.deps ?? {}).map(([dep, spec]) => [dep, toDep(spec)])),
    params: (yaml.params ?? {}) as JsonObject,
    outs: (yaml.outs ?? {}) as Stage['outs'],
    env: yaml.env ?? {},
    secrets: yaml.secrets ?? [],
    timeoutMs: yaml.timeout === undefined ? undefined : parseDuration(yaml.timeout),
    retry: toRetry(yaml.retry),
    when: yaml.when === undefined ? undefined : toCondition(yaml.when),
    always: yaml.always ?? false,
    mutex: yaml.mutex,
    at: rest.locator.placeOfKey(['stages', name]) ?? { file: '', line: 1, column: 1 },
  };
}

const DEFAULT_KEEP = { runs: 50, days: 90 } as const;

/** Days an input waits for a label, and an answer that nobody labels is kept. */
const DEFAULT_DAYS = { inputs: 30, answers: 90 } as const;

function toLog({ inputs = 'labelled', days, keep }: NonNullable<PipelineYaml['log']>): LogPolicy {
  // Whoever keeps every input wants to have its answer, too.
  const kept = keep ?? (inputs === 'all' ? 'forever' : Math.max(DEFAULT_DAYS.answers, days ?? 0));
  const waits = kept === 'forever' ? DEFAULT_DAYS.inputs : Math.min(DEFAULT_DAYS.inputs, kept);
  return { inputs, days: days ?? waits, keep: kept };
}

function toRetrain(yaml: PipelineYaml['retrain']): RetrainPolicy {
  const { age, cooldown = '12h', promotions = 1, rules = {} } = yaml ?? {};
  const ageMs = age === undefined ? undefined : parseDuration(age);
  return { ageMs, cooldownMs: parseDuration(cooldown) ?? 0, promotions, rules };
}

function toRetry(yaml: StageYaml['retry']): RetryPolicy {
  const { attempts = 1, delay = '1s', factor = 2, max = '1m' } = yaml ?? {};
  return { attempts, delayMs: parseDuration(delay) ?? 0, factor, maxMs: parseDuration(max) ?? 0 };
}

type DepYaml = NonNullable<StageYaml['deps']>[string];

const OUT_REFERENCE = /^([a-z][A-Za-z0-9_-]*)\.([a-z][A-Za-z0-9_-]*)$/;

function toDep(spec: DepYaml): Dep {
  if (typeof spec !== 'string') return { kind: 'path', candidates: spec.first, optional: spec.optional ?? false };
  const [, stage, out] = OUT_REFERENCE.exec(spec) ?? [];
  if (stage !== undefined && out !== undefined) return { kind: 'out', stage, out };
  return { kind: 'path', candidates: [spec], optional: false };
}

/** Every out there is, as STAGE.OUT. */
const outsOf = ({ stages }: PipelineYaml): ReadonlySet<string> =>
  new Set(Object.entries(stages).flatMap(([name, { outs }]) => Object.keys(outs ?? {}).map((out) => `${name}.${out}`)));

function danglingDeps(stage: Stage, known: ReadonlySet<string>, locator: Locator): Failure[] {
  return Object.entries(stage.deps).flatMap(([dep, spec]) => {
    if (spec.kind !== 'out' || known.has(`${spec.stage}.${spec.out}`)) return [];
    const target = `${spec.stage}.${spec.out}`;
    const fields = { stage: stage.name, dep, target, suggestion: didYouMean(target, [...known]) };
    return [failure('GRAPH_DANGLING_DEP', fields, locator.placeOf(['stages', stage.name, 'deps', dep]))];
  });
}

/** A program would be handed the braces themselves. */
function emptyFillings({ name, action, deps, outs, params }: Stage, locator: Locator): Failure[] {
  if (action.kind !== 'program') return [];
  const known = { deps: Object.keys(deps), outs: Object.keys(outs), params: Object.keys(params) };
  return action.argv.flatMap((argument, index) =>
    [...argument.matchAll(FILLING)].flatMap(([whole, area, filled]) => {
      const names = known[area as keyof typeof known];
      if (names.includes(filled ?? '')) return [];
      const problem = `speaks of ${whole}, which is none of its ${area}: ${names.join(', ') || 'it has none'}`;
      const path = ['stages', name, 'cmd', index];
      return [failure('CONFIG_INVALID', { path: `${name}.cmd`, problem }, locator.placeOf(path))];
    }),
  );
}
