import type { ExitCode } from './exit-code.ts';
import type { Failure } from './failure.ts';
import type { Progress } from './stage.ts';
import type { RunSummary } from './summary.ts';

/** How an attempt of a stage ended. */
export type StageEndStatus =
  | 'succeeded'
  | 'fresh'
  | 'cached'
  | 'failed'
  | 'timed_out'
  | 'cancelled'
  | 'skipped'
  | 'blocked'
  | 'refused';

/** How a run ended. */
export type RunEndStatus = 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'refused';

/** Milliseconds since the program started; reporters take time from here, never from a clock. */
interface Timed {
  readonly atMs: number;
}

/** Everything the runner tells: one stream, any number of reporters. */
export type RunnerEvent = Timed &
  (
    | {
        readonly type: 'run-started';
        readonly run: number;
        readonly pipeline: string;
        readonly profile: string | undefined;
        readonly stages: readonly string[];
        /** The run whose decision started this one. */
        readonly parent: number | undefined;
        readonly trigger: string;
      }
    | {
        readonly type: 'stage-decided';
        readonly stage: string;
        readonly verdict: 'fresh' | 'cached' | 'run' | 'skipped' | 'blocked';
        readonly why: string;
      }
    /** Something about the run as a whole that a person should know. */
    | { readonly type: 'run-warning'; readonly text: string }
    | {
        readonly type: 'stage-retried';
        readonly stage: string;
        /** The try that failed, from 1, of how many. */
        readonly tried: number;
        readonly attempts: number;
        readonly waitMs: number;
        readonly failure: Failure;
      }
    | { readonly type: 'stage-started'; readonly stage: string }
    | { readonly type: 'stage-progress'; readonly stage: string; readonly progress: Progress }
    | { readonly type: 'stage-log'; readonly stage: string; readonly level: 'info' | 'warning'; readonly text: string }
    | {
        readonly type: 'stage-ended';
        readonly stage: string;
        readonly status: StageEndStatus;
        readonly durationMs: number;
        readonly why: string;
        readonly failure: Failure | undefined;
        /** The last lines of the stage's log, when it failed. */
        readonly logTail: readonly string[];
        readonly logFile: string | undefined;
        /** The command that goes on from the stage, and the one that runs it under a debugger, when it failed. */
        readonly resume: string | undefined;
        readonly debug: string | undefined;
      }
    | {
        readonly type: 'run-ended';
        readonly run: number;
        readonly status: RunEndStatus;
        readonly exitCode: ExitCode;
        readonly durationMs: number;
        readonly summary: RunSummary;
      }
  );

export type Reporter = (event: RunnerEvent) => void;
