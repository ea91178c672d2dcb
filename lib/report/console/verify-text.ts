import { type Failure, formatFailure } from '../../domain/failure.ts';
import { formatDuration } from '../../util/duration.ts';
import { formatBytes } from '../../util/format-bytes.ts';

/** What came of an execution that made the same bytes again. */
export interface SameBytes {
  readonly run: number;
  readonly outs: readonly { readonly name: string; readonly files: number; readonly sizeBytes: number }[];
  readonly durationMs: number;
}

export function verifiedText(stage: string, { run, outs, durationMs }: SameBytes): string {
  const told = outs.map(
    ({ name, files, sizeBytes }) =>
      `  ${name}: ${files === 1 ? '' : `${files} files, `}${formatBytes(sizeBytes)}, the same bytes`,
  );
  const head = `${stage} made the same bytes again as in run ${run}, in ${formatDuration(durationMs)}.`;
  return `${[head, ...told].join('\n')}\n`;
}

export interface NotSame {
  readonly failure: Failure;
  readonly logTail: readonly string[];
  readonly logFile: string | undefined;
}

/** Why there is no such verdict; where the execution itself failed, with its last lines. */
export function unverifiedText({ failure, logTail, logFile }: NotSame): string {
  const lines = [formatFailure(failure)];
  if (logTail.length > 0) lines.push('Its last lines:', ...logTail.map((line) => `  ${line}`));
  if (logFile !== undefined) lines.push(`Its log: ${logFile}`);
  return `${lines.join('\n')}\n`;
}
