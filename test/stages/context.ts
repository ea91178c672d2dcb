import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Effect } from '../../lib/domain/effects.ts';
import type { OutKind } from '../../lib/domain/pipeline.ts';
import { isFolderKind } from '../../lib/domain/pipeline.ts';
import type { Questions } from '../../lib/domain/questions.ts';
import { RaisedFailure } from '../../lib/domain/raised.ts';
import type { MetricRecord, StageRecord } from '../../lib/domain/records.ts';
import type { LogLevel, Progress, StageContext } from '../../lib/domain/stage.ts';
import type { TaskPool } from '../../lib/domain/tasks.ts';
import { builtEntry } from '../rig/in-process.ts';

/** Answers to what a stage may ask, by question. */
type Answers = { readonly [Name in keyof Questions]?: Questions[Name]['answer'] };

export interface StageContextOptions<Params> {
  readonly params: Params;
  readonly deps?: Readonly<Record<string, string | undefined>>;
  readonly hashes?: Readonly<Record<string, string>>;
  /** Names and kinds; each gets a path in a folder of its own, as the runner makes them. */
  readonly outs?: Readonly<Record<string, OutKind>>;
  readonly answers?: Answers;
  readonly seed?: number;
  readonly stage?: string;
  readonly root?: string;
  readonly tasks?: TaskPool;
}

/** A context and everything its stage said, in order. */
export interface RecordedContext<Params> {
  readonly context: StageContext<Params>;
  readonly logs: readonly { readonly text: string; readonly level: LogLevel }[];
  readonly progress: readonly Progress[];
  readonly records: readonly StageRecord[];
  readonly effects: readonly Effect[];
  readonly next: readonly string[];
  readonly fetched: readonly string[];
  /** The metrics among the records: the name, with its split behind a dot where it has one, to the last value. */
  metrics(): Readonly<Record<string, number>>;
  remove(): void;
}

const noPool: TaskPool = {
  start: () => undefined,
  workers: 0,
  call: () => Promise.reject(new Error('this context has no pool')),
  close: () => Promise.resolve(),
};

function makeOuts(folder: string, kinds: Readonly<Record<string, OutKind>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => {
      const path = join(folder, 'outs', name);
      mkdirSync(isFolderKind(kind) ? path : join(folder, 'outs'), { recursive: true });
      return [name, path];
    }),
  );
}

const metricKey = ({ name, split }: MetricRecord): string => (split === undefined ? name : `${name}.${split}`);

/** A stage's context over real folders that keeps what the stage says. Ends with `remove()`. */
export function stageContext<Params>(options: StageContextOptions<Params>): RecordedContext<Params> {
  const folder = mkdtempSync(join(tmpdir(), 'mlloop-'));
  const logs: { text: string; level: LogLevel }[] = [];
  const progress: Progress[] = [];
  const records: StageRecord[] = [];
  const effects: Effect[] = [];
  const next: string[] = [];
  const fetched: string[] = [];
  mkdirSync(join(folder, 'temporary'));
  const context: StageContext<Params> = {
    stage: options.stage ?? 'stage',
    params: options.params,
    deps: options.deps ?? {},
    hashes: options.hashes ?? {},
    outs: makeOuts(folder, options.outs ?? {}),
    temporary: join(folder, 'temporary'),
    root: options.root ?? folder,
    seed: options.seed ?? 42,
    signal: new AbortController().signal,
    log: (text, level = 'info') => logs.push({ text, level }),
    progress: (step) => progress.push(step),
    metric: (name, value, where = {}) => records.push({ kind: 'metric', name, value, ...where }),
    record: (record) => records.push(record),
    ask: (name) => {
      const answer = options.answers?.[name];
      // The map's type ties each answer to its question; undefined alone means that the test gave none.
      return answer === undefined
        ? Promise.reject(new Error(`the test has no answer to '${name}'`))
        : Promise.resolve(answer as Questions[typeof name]['answer']);
    },
    memo: () => ({ recall: async (inputs) => inputs.map(() => null), remember: () => undefined }),
    effect: (effect) => effects.push(effect),
    fetched: (dep) => fetched.push(dep),
    next: ({ reason }) => next.push(reason),
    get serveThread() {
      return builtEntry('serve-thread');
    },
    tasks: options.tasks ?? noPool,
    fail: (fault) => {
      throw new RaisedFailure(fault);
    },
  };
  const metrics = (): Record<string, number> =>
    Object.fromEntries(
      records.flatMap((record) => (record.kind === 'metric' ? [[metricKey(record), record.value]] : [])),
    );
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  return { context, logs, progress, records, effects, next, fetched, metrics, remove };
}
