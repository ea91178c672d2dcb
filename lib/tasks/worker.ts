import { pathToFileURL } from 'node:url';
import { failure } from '../domain/failure.ts';
import { raisedFailure } from '../domain/raised.ts';
import type { StageModule } from '../domain/stage.ts';
import type { Json } from '../util/json.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { startMeter } from './meter.ts';

type Tasks = NonNullable<StageModule['tasks']>;

/** A pool worker: imports the bundle once, then answers calls one after the other until the channel closes. */
export function runTaskWorker(): void {
  const send = (message: FromWorker): void => {
    if (process.connected) process.send?.(message);
  };
  let tasks: Promise<Tasks> = Promise.resolve({});
  let deps: Readonly<Record<string, string>> = {};
  // Nobody waits for the answer any more.
  process.on('disconnect', () => process.exit(1));
  process.on('message', (message: ToWorker) => {
    if (message.type === 'begin') {
      ({ deps } = message);
      tasks = (import(pathToFileURL(message.bundle).href) as Promise<StageModule>).then((module) => module.tasks ?? {});
      // A bundle that cannot be imported is told to whoever calls a task of it.
      tasks.catch(() => undefined);
      return;
    }
    void answer(message, { send, tasks, deps });
  });
}

interface Answering {
  readonly send: (message: FromWorker) => void;
  readonly tasks: Promise<Tasks>;
  readonly deps: Readonly<Record<string, string>>;
}

async function answer(
  call: Extract<ToWorker, { readonly type: 'call' }>,
  { send, tasks, deps }: Answering,
): Promise<void> {
  const { id, seed, input } = call;
  try {
    const known = await tasks;
    const task = known[call.task];
    if (task === undefined) {
      send({
        type: 'failed',
        id,
        failure: failure('TASK_UNKNOWN', { task: call.task, known: Object.keys(known).sort() }),
      });
      return;
    }
    const progress = (detail: Json): void => send({ type: 'progress', id, detail });
    const meter = startMeter();
    const value = await task(input, { deps, seed, progress });
    send({ type: 'result', id, answer: { value, usage: meter() } });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    const fault = raisedFailure(error) ?? failure('STAGE_THREW', { message, stack });
    send({ type: 'failed', id, failure: fault });
  }
}
