import { alignColumns } from '../../util/align-columns.ts';

export interface WhyLines {
  readonly stage: string;
  readonly verdict: string | undefined;
  readonly why: string | undefined;
  readonly before: string;
  readonly after: string;
  readonly changes: readonly {
    readonly part: string;
    readonly before: string | undefined;
    readonly after: string | undefined;
  }[];
}

const VERDICTS: Readonly<Record<string, string>> = {
  fresh: 'is fresh',
  cached: 'would be restored',
  run: 'would run',
  open: 'may have to run',
  skipped: 'would be skipped',
  blocked: 'is blocked',
};

/** The key's parts that differ, one a line. */
export function whyText({ stage, verdict, why, before, after, changes }: WhyLines): string {
  const head = verdict === undefined ? stage : `${stage} ${VERDICTS[verdict] ?? verdict}: ${why}`;
  if (changes.length === 0)
    return `${head}\nIts key is the same ${after === 'now' ? 'as' : 'in'} ${sameIn(before, after)}.\n`;
  const rows = changes.map((change) => [`  ${change.part}`, `${shown(change.before)} -> ${shown(change.after)}`]);
  const parts = changes.length === 1 ? 'One part of its key differs' : `${changes.length} parts of its key differ`;
  return `${[head, `${parts} between ${before} and ${after}:`, ...alignColumns(rows)].join('\n')}\n`;
}

const sameIn = (before: string, after: string): string => (after === 'now' ? `in ${before}` : `${before} and ${after}`);

/** A hash by its beginning; anything else as it is, cut when long. */
function shown(text: string | undefined): string {
  if (text === undefined) return '(none)';
  const bare = /^"[^"\\]*"$/.test(text) ? text.slice(1, -1) : text;
  if (/^[0-9a-f]{64}$/.test(bare)) return `${bare.slice(0, 12)}…`;
  return bare.length > 60 ? `${bare.slice(0, 57)}...` : bare;
}
