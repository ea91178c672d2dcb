import type { EngineChoice } from '../domain/engine.ts';
import type { Failure } from '../domain/failure.ts';
import type { ModelCard } from '../domain/model.ts';
import type { Clock } from '../util/clock.ts';
import { ok, type Result } from '../util/result.ts';
import { type BatchQueue, type BatchReport, createBatchQueue } from './batch-queue.ts';
import type { ServeLimits } from './limits.ts';
import { type Contract, contractOf } from './protocol/contract.ts';
import type { KilledThreads } from './thread/killed-threads.ts';
import { openThread, type Patience } from './thread/thread.ts';
import type { WantedVersion } from './version-feed.ts';

/** A version that is loaded, warm and tested, and answers. */
export interface ServedVersion extends WantedVersion {
  readonly card: ModelCard;
  readonly engine: EngineChoice;
  readonly contract: Contract;
  readonly queue: BatchQueue;
  /** Ends its thread at once, and says why; `onDeath` is told. */
  kill(problem: string): void;
  /** Answers what it has taken, then ends. */
  retire(): Promise<void>;
}

export interface OpenVersion {
  /** The built entry of a thread. */
  readonly threadFile: string;
  readonly limits: ServeLimits;
  readonly clock: Clock;
  readonly onBatch: (version: WantedVersion, report: BatchReport) => void;
  /** Told when a version that was served does not answer any more. */
  readonly onDeath: (version: ServedVersion, fault: Failure) => void;
  /** Ends every thread at once, also those that load. */
  readonly signal: AbortSignal;
  readonly patience: Patience;
  readonly killed: KilledThreads;
}

export async function openVersion(
  wanted: WantedVersion,
  options: OpenVersion,
): Promise<Result<ServedVersion, Failure>> {
  const { threadFile, limits, clock, onBatch, onDeath, signal, patience, killed } = options;
  const { folder, hash } = wanted;
  const { batchRows } = limits;
  const opened = await openThread({
    file: threadFile,
    folder,
    hash,
    batchRows,
    onDeath: (fault) => onDeath(served, fault),
    signal,
    patience,
    killed,
  });
  if (!opened.ok) return opened;
  const thread = opened.value;
  const { card, engine } = thread.ready;
  const contract = contractOf(card);
  const queue = createBatchQueue({
    thread,
    width: contract.width,
    classes: contract.classes.length,
    limits,
    clock,
    onBatch: (report) => onBatch(wanted, report),
  });
  const served: ServedVersion = {
    ...wanted,
    card,
    engine,
    contract,
    queue,
    kill: (problem) => thread.kill(problem),
    retire: async () => {
      await queue.idle();
      await thread.close();
    },
  };
  return ok(served);
}
