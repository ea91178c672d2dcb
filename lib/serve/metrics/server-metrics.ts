import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BatchReport } from '../batch-queue.ts';
import type { LineState, ModelEvent } from '../model-table.ts';
import type { Prediction } from '../predict.ts';
import type { WantedVersion } from '../version-feed.ts';
import { createTallies, type Tally } from './tallies.ts';

/** What the server counts and measures, for Prometheus. */
export interface ServerMetrics {
  readonly registry: Registry;
  requestBegun(): void;
  /** `endpoint` is a route's template, never what a client wrote. */
  requestEnded(endpoint: string, code: number, ms: number): void;
  batchAnswered(version: WantedVersion, report: BatchReport): void;
  answered(prediction: Prediction): void;
  /**
   * Why a request was not taken: too many before it (`queue`), a turn of the event loop that had no time for more (`event_loop`), or it
   * was read and then could not be answered in time after all (`late`).
   */
  shed(reason: 'queue' | 'event_loop' | 'late'): void;
  modelEvent(event: ModelEvent): void;
}

const PREFIX = 'mlloop_';

/** Seconds. */
const REQUEST_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const MODEL_BUCKETS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const ROW_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

const MODEL = ['model', 'version'] as const;

type Labels = Readonly<Record<(typeof MODEL)[number], string>>;

const labelsOf = ({ line, version }: WantedVersion): Labels => ({ model: line, version: String(version) });

const keyOf = ({ line, version }: WantedVersion): string => `${line} ${version}`;

/** Series of a version. */
interface BatchTallies {
  readonly waits: Tally;
  readonly predicts: Tally;
  readonly batches: Tally;
}

/** How many answers each class of a version got, since this was last read. */
interface ClassCounts {
  readonly labels: Labels;
  readonly classes: readonly string[];
  readonly counts: Float64Array;
}

export interface MetricsOptions {
  readonly alias: string;
  readonly lines: () => readonly LineState[];
}

export function createServerMetrics({ alias, lines }: MetricsOptions): ServerMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = createTallies({
    registry,
    name: `${PREFIX}request_duration_seconds`,
    help: 'From the first byte of a request to the last of its answer; of one that was shed only where its head was parsed.',
    buckets: REQUEST_BUCKETS,
  });
  const requestsBy = new Map<string, Tally>();
  let underWay = 0;
  new Gauge({
    name: `${PREFIX}requests_in_progress`,
    help: 'Requests under way.',
    registers,
    collect() {
      this.set(underWay);
    },
  });
  const waits = createTallies({
    registry,
    name: `${PREFIX}queue_wait_seconds`,
    help: 'How long a request waited for its batch.',
    buckets: MODEL_BUCKETS,
  });
  const predicts = createTallies({
    registry,
    name: `${PREFIX}predict_seconds`,
    help: 'How long the model took for a batch.',
    buckets: MODEL_BUCKETS,
  });
  const batches = createTallies({
    registry,
    name: `${PREFIX}batch_rows`,
    help: 'Rows of a batch.',
    buckets: ROW_BUCKETS,
  });
  const batchesBy = new Map<string, BatchTallies>();
  const shedCounts = new Map<string, number>();
  new Counter({
    name: `${PREFIX}shed_requests_total`,
    help: 'Requests that were answered with 503, because they would have waited too long.',
    labelNames: ['reason'],
    registers,
    collect() {
      for (const [reason, count] of shedCounts) this.inc({ reason }, count);
      shedCounts.clear();
    },
  });
  const loads = new Counter({
    name: `${PREFIX}model_loads_total`,
    help: 'Versions that were loaded, refused, or ended without being told to.',
    labelNames: ['model', 'outcome'],
    registers,
  });
  const perVersion = new Map<string, ClassCounts>();
  new Counter({
    name: `${PREFIX}predictions_total`,
    help: 'Rows answered, by the class that was most probable.',
    labelNames: [...MODEL, 'class'],
    registers,
    // Counted in plain numbers while requests are answered, and handed over when somebody looks.
    collect() {
      for (const { labels, classes, counts } of perVersion.values()) {
        classes.forEach((name, at) => {
          this.inc({ ...labels, class: name }, counts[at]);
        });
        counts.fill(0);
      }
    },
  });
  new Gauge({
    name: `${PREFIX}queue_rows`,
    help: 'Rows that wait or are being answered.',
    labelNames: MODEL,
    registers,
    collect() {
      this.reset();
      for (const { serving } of lines()) if (serving !== undefined) this.set(labelsOf(serving), serving.queue.rows);
    },
  });
  new Gauge({
    name: `${PREFIX}model_info`,
    help: 'The version that answers for each model; always 1.',
    labelNames: [...MODEL, 'alias', 'engine'],
    registers,
    collect() {
      this.reset();
      for (const { serving } of lines()) {
        if (serving !== undefined) this.set({ ...labelsOf(serving), alias, engine: serving.engine.engine }, 1);
      }
    },
  });
  new Gauge({
    name: `${PREFIX}model_stale`,
    help: '1 where a version is wanted that does not answer, because it could not be loaded.',
    labelNames: ['model'],
    registers,
    collect() {
      this.reset();
      for (const { line, failure } of lines()) this.set({ model: line }, failure === undefined ? 0 : 1);
    },
  });
  return {
    registry,
    requestBegun: () => {
      underWay += 1;
    },
    requestEnded: (endpoint, code, ms) => {
      underWay -= 1;
      const key = `${code} ${endpoint}`;
      const tally = requestsBy.get(key) ?? keep(requestsBy, key, requests({ endpoint, code }));
      tally.observe(ms / 1000);
    },
    batchAnswered: (version, { rows, predictMs, waitedMs }) => {
      const key = keyOf(version);
      const labels = labelsOf(version);
      const tallies =
        batchesBy.get(key) ??
        keep(batchesBy, key, { waits: waits(labels), predicts: predicts(labels), batches: batches(labels) });
      tallies.batches.observe(rows);
      tallies.predicts.observe(predictMs / 1000);
      for (const ms of waitedMs) tallies.waits.observe(ms / 1000);
    },
    answered: ({ version, predicted }) => {
      const { classes } = version.contract;
      const key = keyOf(version);
      const known =
        perVersion.get(key) ??
        keep(perVersion, key, { labels: labelsOf(version), classes, counts: new Float64Array(classes.length) });
      for (const one of predicted) known.counts[one] = (known.counts[one] ?? 0) + 1;
    },
    shed: (reason) => void shedCounts.set(reason, (shedCounts.get(reason) ?? 0) + 1),
    modelEvent: (event) => {
      if (event.type === 'loaded') loads.inc({ model: event.version.line, outcome: 'loaded' });
      else if (event.type === 'refused' || event.type === 'died') {
        loads.inc({ model: event.wanted.line, outcome: event.type });
      }
    },
  };
}

function keep<Value>(kept: Map<string, Value>, key: string, value: Value): Value {
  kept.set(key, value);
  return value;
}
