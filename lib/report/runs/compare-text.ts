import { formatDuration } from '../../util/duration.ts';
import { formatBytes } from '../../util/format-bytes.ts';
import { textTable } from '../console/text-table.ts';
import type { Comparison } from './compare.ts';
import { shortHash, shownNumber, shownValue } from './format.ts';

/** Runs side by side for people: `*` marks the better value. */
export function compareText({ runs, params, metrics, stages, artifacts }: Comparison): string {
  const columns = runs.map((run) => `run ${run}`);
  const right = (offset: number): number[] => runs.map((_, at) => at + offset);
  const sections = [
    params.length === 0
      ? 'Params: none differ.\n'
      : `Params that differ\n${textTable({
          head: ['param', ...columns],
          rows: params.map(({ stage, name, values }) => [
            `${stage}.${name}`,
            ...values.map((value) => shownValue(value ?? undefined)),
          ]),
        })}`,
    `Metrics (* is better)\n${textTable({
      head: ['stage', 'metric', 'model', 'split', ...columns],
      numbers: right(4),
      rows: metrics.map(({ stage, name, model, split, values, best }) => [
        stage,
        name,
        model ?? '-',
        split ?? '-',
        ...values.map((value, at) => `${shownNumber(value)}${best.includes(at) ? ' *' : '  '}`),
      ]),
    })}`,
    `Durations\n${textTable({
      head: ['stage', ...columns],
      numbers: right(1),
      rows: stages.map(({ stage, durationsMs, statuses }) => [
        stage,
        ...durationsMs.map((ms, at) => (ms === null ? (statuses[at]?.replace('_', ' ') ?? '-') : formatDuration(ms))),
      ]),
    })}`,
    `Artifacts\n${textTable({
      head: ['out', '', ...columns],
      rows: artifacts.map(({ out, hashes, sizesBytes }) => [
        out,
        new Set(hashes).size === 1 ? 'same' : 'differs',
        ...hashes.map((hash, at) => (hash === null ? '-' : `${shortHash(hash)} ${formatBytes(sizesBytes[at] ?? 0)}`)),
      ]),
    })}`,
  ];
  return sections.join('\n');
}
