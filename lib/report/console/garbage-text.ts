import type { KeepPolicy } from '../../domain/pipeline.ts';
import { alignColumns } from '../../util/align-columns.ts';
import { formatBytes } from '../../util/format-bytes.ts';

/** What was freed, or would be. */
export interface GarbageReport {
  readonly dryRun: boolean;
  readonly bytes: number;
  readonly kinds: readonly { readonly kind: string; readonly count: number; readonly bytes: number }[];
  readonly keep: KeepPolicy;
  /** Size of all objects that stay. */
  readonly keptBytes: number;
}

const WORDS: Readonly<Record<string, string>> = {
  outs: 'outs of runs that are not kept',
  code: 'code of runs that are not kept',
  unknown: 'objects no run has on record',
  temporary: 'half-made files of runs that died',
  links: 'folders of links of runs that are not kept',
  logs: 'logs of runs that are not kept',
  inputs: 'inputs of predictions that nobody has labelled',
  answers: 'predictions that nobody has labelled (log.keep in pipeline.yaml)',
};

export function garbageText({ dryRun, bytes, kinds, keep, keptBytes }: GarbageReport): string {
  const found = kinds.filter(({ count }) => count > 0);
  const rows = found.map(({ kind, count, bytes: size }) => [
    `  ${String(count).padStart(5)}`,
    WORDS[kind] ?? kind,
    kind === 'links' ? '' : formatBytes(size),
  ]);
  const head =
    found.length === 0
      ? 'Nothing to free.'
      : `${dryRun ? 'Would free' : 'Freed'} ${formatBytes(bytes)}${dryRun ? '; nothing was changed' : ''}:`;
  const runs = keep.runs === 1 ? 'the last run' : `the last ${keep.runs} runs`;
  const kept = `Kept, ${formatBytes(keptBytes)}: ${runs}, those of the last ${keep.days} days, those that made a registered version, and what stands for each stage now.`;
  return `${[head, ...alignColumns(rows), kept].join('\n')}\n`;
}
