import type { RunnerEvent } from '../../domain/event.ts';
import { formatFailure } from '../../domain/failure.ts';
import { formatDuration } from '../../util/duration.ts';

export type StageEnded = Extract<RunnerEvent, { readonly type: 'stage-ended' }>;

const WORDS: Readonly<Record<StageEnded['status'], string>> = {
  succeeded: 'ran',
  fresh: 'fresh',
  cached: 'cached',
  failed: 'failed',
  timed_out: 'timed out',
  cancelled: 'cancelled',
  blocked: 'blocked',
  refused: 'refused',
};

/** A stage's verdict on one line: name, word, time where it executed, and why. */
export function stageLine({ stage, status, durationMs, why }: StageEnded, width: number): string {
  const time = durationMs > 0 ? formatDuration(durationMs) : '';
  return `${stage.padEnd(width)}  ${WORDS[status].padEnd(9)}  ${time.padStart(12)}  ${why}`.trimEnd();
}

/** What people need when a stage failed: the message, its last lines, its log, and how to go on. */
export function failureLines({ failure, logTail, logFile, resume }: StageEnded): string[] {
  if (failure === undefined) return [];
  const lines = formatFailure(failure).split('\n');
  if (logTail.length > 0) lines.push(`Its last ${logTail.length === 1 ? 'line' : `${logTail.length} lines`}:`);
  lines.push(...logTail.map((line) => `  ${line}`));
  if (logFile !== undefined) lines.push(`Its log: ${logFile}`);
  if (resume !== undefined) lines.push(`Go on with: ${resume}`);
  return lines.map((line) => `  ${line}`.trimEnd());
}
