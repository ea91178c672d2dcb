import { gateLines } from '../../domain/gate-text.ts';
import type { LineageRow, VersionDetails } from '../../domain/model-version.ts';
import { alignColumns } from '../../util/align-columns.ts';
import { textTable } from '../console/text-table.ts';
import { shortHash, shownTime } from '../runs/format.ts';
import { historyTable } from './history-table.ts';
import { shownMetric } from './models-table.ts';

/** Everything on record of one version, for people. */
export function versionText(details: VersionDetails, room?: number): string {
  const { version, metrics, lineage, history } = details;
  const parts = [
    head(details),
    titled('Metrics', alignColumns(Object.entries(metrics).map(([name, value]) => [name, shownMetric(value)]))),
    titled(
      'Gates it came through',
      gateLines(history.find(({ to, gates }) => to === version && gates.length > 0)?.gates ?? [], room),
    ),
    titled('Learned from', learnedFrom(lineage)),
    history.length === 0 ? '' : `Ledger\n${historyTable(history, room)}`,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

const titled = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `${title}\n${lines.join('\n')}\n`;

function head(details: VersionDetails): string {
  const { line, version, aliases, imported, createdAt, tags, hash, folder, faults, rolledBack } = details;
  const facts: (readonly [string, string])[] = [
    ['version', `${line} v${version}`],
    ['alias', aliases.join(', ') || 'none'],
    ...(rolledBack === null
      ? []
      : [
          [
            'rolled back',
            `by ${rolledBack.actor ?? `run ${rolledBack.run}`} on ${shownTime(rolledBack.at)} UTC: ${rolledBack.reason}`,
          ] as const,
        ]),
    [imported === null ? 'made' : 'imported', `${shownTime(createdAt)} UTC, ${origin(details)}`],
    ['files', `${folder}, ${faults.length === 0 ? 'whole' : `NOT WHOLE: ${faults.join(', ')}`}`],
    ['hash', hash],
    ...Object.entries(tags).map(([key, value]): readonly [string, string] => ['tag', `${key}=${value}`]),
  ];
  return `${alignColumns(facts).join('\n')}\n`;
}

function origin({ run, imported }: VersionDetails): string {
  if (imported === null) return `by run ${run}`;
  const { line, version, facts } = imported;
  return `from ${line} v${version}, which run ${facts.made.run} (${facts.made.uid}) made`;
}

/** One line a thing; of labels only how many, because there may be thousands. */
function learnedFrom(lineage: readonly LineageRow[]): string[] {
  const labels = lineage.filter(({ label }) => label !== null);
  const rest = lineage.filter(({ label }) => label === null);
  const rows = rest.map(({ run, stage, what, name, hash }) => [
    stage,
    `run ${run}`,
    what,
    name,
    hash === null ? '-' : shortHash(hash),
  ]);
  const table =
    rows.length === 0
      ? []
      : textTable({ head: ['stage', 'of', 'what', 'name', 'hash'], rows })
          .trimEnd()
          .split('\n');
  return [...table, ...(labels.length === 0 ? [] : [labelsLine(labels)])];
}

function labelsLine(labels: readonly LineageRow[]): string {
  const count = labels.length === 1 ? '1 label' : `${labels.length} labels`;
  return `and ${count} of feedback (--json lists their ids and predictions)`;
}
