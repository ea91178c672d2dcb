import type { Failure } from '../domain/failure.ts';
import { metricFault } from '../domain/metric.ts';
import type { Questions, ReadName } from '../domain/questions.ts';
import { RaisedFailure } from '../domain/raised.ts';
import type { StageContext } from '../domain/stage.ts';
import type { TaskPool } from '../domain/tasks.ts';
import type { Json, JsonObject } from '../util/json.ts';
import type { StagePort, StartMessage } from './host.ts';

/** Questions that wait for their answer, by id. */
export type Inbox = Map<
  number,
  { readonly resolve: (value: unknown) => void; readonly reject: (error: RaisedFailure) => void }
>;

const shown = (value: unknown): string => (typeof value === 'string' ? `'${value.slice(0, 40)}'` : String(value));

interface ContextParts {
  readonly port: StagePort;
  readonly inbox: Inbox;
  readonly signal: AbortSignal;
  readonly serveThread: string;
  readonly pool: () => TaskPool;
}

/** What a stage sees, spoken over the channel. */
export function createContext(start: StartMessage, parts: ContextParts): StageContext<JsonObject> {
  const { port, inbox, signal } = parts;
  let questions = 0;
  const raise = (fault: Failure): never => {
    throw new RaisedFailure(fault);
  };
  return {
    stage: start.stage,
    params: start.params,
    deps: start.deps,
    hashes: start.hashes,
    outs: start.outs,
    temporary: start.temporary,
    root: start.root,
    seed: start.seed,
    signal,
    log: (text, level = 'info') => port.send({ type: 'log', level, text: String(text) }),
    progress: (progress) => port.send({ type: 'progress', progress }),
    metric: (name, value, where = {}) => {
      const record = { kind: 'metric', name, value, ...where } as const;
      const fault = metricFault(record);
      if (fault !== undefined) throw new TypeError(`ctx.metric(${shown(name)}, ${shown(value)}): ${fault}.`);
      port.send({ type: 'record', record });
    },
    record: (record) => port.send({ type: 'record', record }),
    ask: <Name extends ReadName>(name: Name, input: Questions[Name]['input']) =>
      new Promise<Questions[Name]['answer']>((resolve, reject) => {
        questions += 1;
        // The runner answers a question with the type the question has.
        inbox.set(questions, { resolve: resolve as (value: unknown) => void, reject });
        port.send({ type: 'ask', id: questions, name, input: input as Json });
      }),
    memo: (task, deps) => ({
      recall: (inputs) =>
        new Promise<readonly (Json | null)[]>((resolve, reject) => {
          questions += 1;
          inbox.set(questions, { resolve: resolve as (value: unknown) => void, reject });
          port.send({ type: 'recall', id: questions, task, deps, inputs });
        }),
      remember: (input, value) => port.send({ type: 'remember', task, deps, input, value }),
    }),
    effect: (effect) => port.send({ type: 'effect', effect }),
    fetched: (dep) => port.send({ type: 'fetched', dep }),
    next: ({ reason }) => port.send({ type: 'next', reason: String(reason) }),
    serveThread: parts.serveThread,
    get tasks() {
      return parts.pool();
    },
    fail: raise,
  };
}
