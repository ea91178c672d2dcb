import { METRIC_DIRECTION } from '../../domain/metric.ts';
import type { MetricView, RunView } from '../../domain/run-view.ts';
import type { Json } from '../../util/json.ts';
import { canonicalJson } from '../../util/json.ts';
import { lastValues } from './models.ts';

export interface ComparedParam {
  readonly stage: string;
  readonly name: string;
  /** One a run; null where the run does not have it. */
  readonly values: readonly (Json | null)[];
}

export interface ComparedMetric {
  readonly stage: string;
  readonly name: string;
  readonly model: string | null;
  readonly split: string | null;
  readonly values: readonly (number | string | null)[];
  /** Positions of the best value; empty where no direction is known, values are equal, or only one run has it. */
  readonly best: readonly number[];
}

export interface ComparedStage {
  readonly stage: string;
  /** Milliseconds of the execution in that run; null where nothing was executed. */
  readonly durationsMs: readonly (number | null)[];
  readonly statuses: readonly (string | null)[];
}

export interface ComparedArtifact {
  readonly out: string;
  readonly hashes: readonly (string | null)[];
  readonly sizesBytes: readonly (number | null)[];
}

/** Runs side by side; every list has one place a run, in the order given. */
export interface Comparison {
  readonly runs: readonly (number | string)[];
  /** Only those that differ. */
  readonly params: readonly ComparedParam[];
  readonly metrics: readonly ComparedMetric[];
  readonly stages: readonly ComparedStage[];
  readonly artifacts: readonly ComparedArtifact[];
}

export function compareRuns(views: readonly RunView[]): Comparison {
  return {
    runs: views.map(({ run }) => run),
    params: compareParams(views),
    metrics: compareMetrics(views),
    stages: keysOf(views, ({ stages }) => stages.map(({ stage }) => stage)).map((stage) => {
      const turns = views.map(({ stages }) => stages.find((turn) => turn.stage === stage));
      return {
        stage,
        durationsMs: turns.map((turn) => (turn === undefined || turn.durationMs === 0 ? null : turn.durationMs)),
        statuses: turns.map((turn) => turn?.status ?? null),
      };
    }),
    artifacts: keysOf(views, ({ artifacts }) => artifacts.map(({ stage, name }) => `${stage}.${name}`)).map((out) => {
      const found = views.map(({ artifacts }) => artifacts.find(({ stage, name }) => `${stage}.${name}` === out));
      return {
        out,
        hashes: found.map((artifact) => artifact?.hash ?? null),
        sizesBytes: found.map((artifact) => artifact?.sizeBytes ?? null),
      };
    }),
  };
}

const keysOf = (views: readonly RunView[], of: (view: RunView) => readonly string[]): string[] => [
  ...new Set(views.flatMap(of)),
];

function compareParams(views: readonly RunView[]): ComparedParam[] {
  const valueIn = (view: RunView, stage: string, name: string): Json | null =>
    view.params.find((param) => param.stage === stage && param.name === name)?.value ?? null;
  return keysOf(views, ({ params }) => params.map(({ stage, name }) => JSON.stringify([stage, name])))
    .map((key) => {
      const [stage = '', name = ''] = JSON.parse(key) as string[];
      return { stage, name, values: views.map((view) => valueIn(view, stage, name)) };
    })
    .filter(({ values }) => new Set(values.map((value) => canonicalJson(value))).size > 1);
}

function compareMetrics(views: readonly RunView[]): ComparedMetric[] {
  const keyOf = ({ stage, name, model, split }: MetricView): string =>
    JSON.stringify([stage, name, model ?? null, split ?? null]);
  const ofRun = views.map((view) => new Map(lastValues(view.metrics).map((metric) => [keyOf(metric), metric.value])));
  return keysOf(views, ({ metrics }) => lastValues(metrics).map(keyOf)).map((key) => {
    const [stage, name, model, split] = JSON.parse(key) as [string, string, string | null, string | null];
    const values = ofRun.map((metrics) => metrics.get(key) ?? null);
    return { stage, name, model, split, values, best: bestOf(name, values) };
  });
}

/** NaN and infinity are never better than a number. */
function bestOf(name: string, values: readonly (number | string | null)[]): number[] {
  const direction = METRIC_DIRECTION[name];
  const numbers = values.filter((value) => typeof value === 'number');
  const compared = values.filter((value) => value !== null);
  if (direction === undefined || compared.length < 2 || numbers.length === 0) return [];
  const best = direction === 'max' ? Math.max(...numbers) : Math.min(...numbers);
  const places = values.flatMap((value, at) => (value === best ? [at] : []));
  return places.length === compared.length ? [] : places;
}
