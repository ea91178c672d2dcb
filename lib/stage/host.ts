import { type Failure, failure } from '../domain/failure.ts';
import { RaisedFailure, raisedFailure } from '../domain/raised.ts';
import type { RunnerMessage, StageMessage, StageModule, Usage } from '../domain/stage.ts';
import type { TaskPool } from '../domain/tasks.ts';
import { createContext, type Inbox } from './context.ts';

/** The stage's end of the channel to its runner. */
export interface StagePort {
  send(message: StageMessage): void;
  /** Calls `then` once everything sent before has left. */
  sendLast(message: StageMessage, then: () => void): void;
  onMessage(listener: (message: RunnerMessage) => void): void;
  usage(): Usage;
}

export interface HostOptions {
  readonly port: StagePort;
  readonly importStage: (bundle: string) => Promise<StageModule>;
  readonly createPool: (start: StartMessage, signal: AbortSignal) => TaskPool;
  /** The built entry of a thread of the model server. */
  readonly serveThread: string;
  /** Ends the process; called once, when the last message has left. */
  readonly exit: () => void;
}

export type StartMessage = Extract<RunnerMessage, { readonly type: 'start' }>;

/** So many workers begin while the stage itself is read; how many it wants, only the stage knows. */
const EARLY_CALLS = 2;

/** Waits for the runner to name a stage, runs it, and tells how it ended. */
export function hostStage(options: HostOptions): void {
  const { port } = options;
  const abort = new AbortController();
  const inbox: Inbox = new Map();
  port.onMessage((message) => {
    if (message.type === 'start') void runStage(message, { ...options, abort, inbox });
    else if (message.type === 'cancel') abort.abort();
    else {
      const waiting = inbox.get(message.id);
      inbox.delete(message.id);
      if (message.type === 'answer') waiting?.resolve(message.value);
      else waiting?.reject(new RaisedFailure(message.failure));
    }
  });
  port.send({ type: 'ready' });
}

interface Hosted extends HostOptions {
  readonly abort: AbortController;
  readonly inbox: Inbox;
}

async function runStage(start: StartMessage, hosted: Hosted): Promise<void> {
  const { port, exit } = hosted;
  let pool: TaskPool | undefined;
  const end = (message: StageMessage): void => port.sendLast(message, exit);
  const lazyPool = (): TaskPool => {
    pool ??= hosted.createPool(start, hosted.abort.signal);
    return pool;
  };
  try {
    if (start.hasTasks) lazyPool().start(EARLY_CALLS);
    const stage = await hosted.importStage(start.bundle);
    const { inbox, abort, serveThread } = hosted;
    const context = createContext(start, { port, inbox, signal: abort.signal, serveThread, pool: lazyPool });
    // The params were checked against the stage's own schema before the run began.
    await stage.default.run(context);
    end({ type: 'done', usage: port.usage() });
  } catch (error) {
    end({ type: 'failed', failure: failureOf(error), usage: port.usage() });
  } finally {
    // Its processes are killed at once. Until they are gone the kernel takes 20 ms, which nobody has to wait for.
    void pool?.close();
  }
}

/** What was thrown, as a failure: an expected one as it is, anything else as the bug it is. */
export function failureOf(error: unknown): Failure {
  const raised = raisedFailure(error);
  if (raised !== undefined) return raised;
  const message = error instanceof Error ? error.message : String(error);
  return failure('STAGE_THREW', { message, stack: error instanceof Error ? (error.stack ?? '') : '' });
}
