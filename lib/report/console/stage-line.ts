import type { RunnerEvent } from '../../domain/event.ts';
import { failureText, formatFailure } from '../../domain/failure.ts';
import { formatDuration } from '../../util/duration.ts';

export type StageEnded = Extract<RunnerEvent, { readonly type: 'stage-ended' }>;

const WORDS: Readonly<Record<StageEnded['status'], string>> = {
  succeeded: 'ran',
  fresh: 'fresh',
  cached: 'cached',
  failed: 'failed',
  timed_out: 'timed out',
  cancelled: 'cancelled',
  skipped: 'skipped',
  blocked: 'blocked',
  refused: 'refused',
};

/** A stage's verdict on one line: name, word, time where it executed, and why. */
export function stageLine({ stage, status, durationMs, why }: StageEnded, width: number): string {
  const time = durationMs > 0 ? formatDuration(durationMs) : '';
  return `${stage.padEnd(width)}  ${WORDS[status].padEnd(9)}  ${time.padStart(12)}  ${why}`.trimEnd();
}

type StageRetried = Extract<RunnerEvent, { readonly type: 'stage-retried' }>;

/** A try that failed, and when the next one begins. */
export function retryLine({ tried, attempts, waitMs, failure }: StageRetried): string {
  const [first = ''] = failureText(failure).split('\n');
  return `warning: try ${tried} of ${attempts} failed: ${first} The next one begins in ${formatDuration(waitMs)}.`;
}

/** What people need when a stage failed: the message, its last lines, its log, and how to go on. */
export function failureLines({ failure, logTail, logFile, resume, debug }: StageEnded): string[] {
  if (failure === undefined) return [];
  const lines = formatFailure(failure).split('\n');
  if (logTail.length > 0) lines.push(`Its last ${logTail.length === 1 ? 'line' : `${logTail.length} lines`}:`);
  lines.push(...logTail.map((line) => `  ${line}`));
  if (logFile !== undefined) lines.push(`Its log: ${logFile}`);
  if (resume !== undefined) lines.push(`Go on with: ${resume}`);
  if (debug !== undefined) lines.push(`Look into it with: ${debug}`);
  return lines.map((line) => `  ${line}`.trimEnd());
}
