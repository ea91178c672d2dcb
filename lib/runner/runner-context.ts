import type { Memo } from '../cache/memo.ts';
import type { ReadVersions } from '../cache/packages.ts';
import type { Store } from '../cache/store.ts';
import type { RunnerEvent } from '../domain/event.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import type { RunLog } from '../runlog/open.ts';
import type { Clock } from '../util/clock.ts';
import type { Services } from './services.ts';
import type { StageCode } from './stage-code.ts';
import type { StateFolder } from './state.ts';

/** An event without its time; the runner stamps it. */
export type Untimed<E> = E extends { readonly atMs: number } ? Omit<E, 'atMs'> : never;

/** Everything a run works with. */
export interface RunnerContext {
  readonly root: string;
  /** Options that say where the project is, when that is not where the person is; a blank before each. */
  readonly where: string;
  readonly state: StateFolder;
  readonly log: RunLog;
  readonly store: Store;
  readonly pipeline: Pipeline;
  readonly code: ReadonlyMap<string, StageCode>;
  readonly services: Services;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly emit: (event: Untimed<RunnerEvent>) => void;
  /** The entry file of a stage's process. */
  readonly hostFile: string;
  readonly packagesFolder: string;
  readonly memo: Memo;
  readonly versions: ReadVersions;
  readonly platform: string;
  /** How many worker processes a stage's pool may use. */
  readonly workers: number;
  readonly inspect: boolean;
  /** Settles when what the record of a run needs is known; awaited before the first row is written. */
  readonly beforeExecuting: Promise<void>;
}
