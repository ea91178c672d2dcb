import type { RunView } from '../../domain/run-view.ts';
import { formatDuration } from '../../util/duration.ts';
import { textTable } from '../console/text-table.ts';
import { shownNumber, shownTime } from './format.ts';
import { modelsOf } from './models.ts';

/** One line a run, newest first. */
export function runsTable(views: readonly RunView[], room?: number): string {
  return textTable({
    head: ['run', 'status', 'trigger', 'profile', 'started (UTC)', 'took', 'stages', 'test accuracy', 'deployed'],
    room,
    numbers: [0, 5, 7],
    rows: views.map((view) => [
      String(view.run),
      view.status,
      view.parent === null ? view.trigger : `${view.trigger} of ${view.parent}`,
      view.profile ?? '-',
      shownTime(view.startedAt),
      view.durationMs === null ? '-' : formatDuration(view.durationMs),
      countStatuses(view),
      shownNumber(modelsOf(view).at(-1)?.test?.accuracy),
      view.deployments.map(({ line, to }) => `${line} v${to}`).join(', ') || '-',
    ]),
  });
}

/** `6 ran, 2 fresh`. */
function countStatuses({ stages }: RunView): string {
  const counts = new Map<string, number>();
  for (const { status } of stages) {
    const word = status === 'succeeded' ? 'ran' : status.replace('_', ' ');
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ') || '-';
}
