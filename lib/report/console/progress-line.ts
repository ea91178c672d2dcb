import type { Progress } from '../../domain/stage.ts';
import { formatDuration } from '../../util/duration.ts';
import { formatBytes } from '../../util/format-bytes.ts';

/** Follows what a stage counts, to tell when it will be done. */
export interface EtaTracker {
  /** Milliseconds to the end of what is being counted; undefined while nobody can know. */
  update(progress: Progress, atMs: number): number | undefined;
}

export function createEtaTracker(): EtaTracker {
  let label: string | undefined;
  let from = { current: 0, atMs: 0 };
  return {
    update: (progress, atMs) => {
      if (progress.label !== label || progress.current < from.current) {
        label = progress.label;
        from = { current: progress.current, atMs };
      }
      if (progress.etaMs !== undefined) return progress.etaMs;
      const done = progress.current - from.current;
      if (progress.total === undefined || done <= 0) return undefined;
      return ((progress.total - progress.current) * (atMs - from.atMs)) / done;
    },
  };
}

/** Progress as one line: `epoch 3/5  loss 0.2110  accuracy 0.9400  ETA 8.0 s`. */
export function progressLine({ label, current, total, unit, detail }: Progress, etaMs: number | undefined): string {
  const amount = unit === 'bytes' ? formatBytes : (value: number) => String(Math.floor(value));
  // A share of an epoch is that epoch: 2.4 of 5 epochs means the third is running.
  const running = unit === 'bytes' || Number.isInteger(current) ? current : Math.ceil(current);
  const parts = [`${label} ${amount(running)}${total === undefined ? '' : `/${amount(total)}`}`];
  if (detail !== undefined) parts.push(detail);
  if (etaMs !== undefined && etaMs >= 500) parts.push(`ETA ${formatDuration(Math.round(etaMs / 1000) * 1000)}`);
  return parts.join('  ');
}
