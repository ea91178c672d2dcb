import { formatDuration } from '../../util/duration.ts';
import { formatBytes } from '../../util/format-bytes.ts';
import { textTable } from '../console/text-table.ts';
import type { ComparedMetric, Comparison } from './compare.ts';
import { shortHash, shownNumber, shownValue } from './format.ts';

/** Runs side by side for people: what differs, and how much does not; `*` marks the better value. */
export function compareText(comparison: Comparison, room?: number): string {
  const { runs, params, metrics, stages, artifacts, missing } = shared(comparison);
  const columns = runs.map((run) => `run ${run}`);
  const right = (offset: number): number[] => runs.map((_, at) => at + offset);
  const [changed, moved] = [metrics.filter(differs), artifacts.filter(({ hashes }) => new Set(hashes).size > 1)];
  const sections = [
    ...(missing.length === 0 ? [] : [`${missing.map((line) => `${line}\n`).join('')}`]),
    params.length === 0
      ? 'Params: none differ.\n'
      : `Params that differ\n${textTable({
          room,
          head: ['param', ...columns],
          rows: params.map(({ stage, name, values }) => [
            `${stage}.${name}`,
            ...values.map((value) => shownValue(value ?? undefined)),
          ]),
        })}`,
    changed.length === 0
      ? `Metrics: none differ; ${same(metrics.length)}.\n`
      : `Metrics that differ (* is better)\n${textTable({
          room,
          head: ['stage', 'metric', 'model', 'split', ...columns],
          numbers: right(4),
          rows: changed.map(({ stage, name, model, split, values, best }) => [
            stage,
            name,
            model ?? '-',
            split ?? '-',
            ...values.map((value, at) => `${shownNumber(value)}${best.includes(at) ? ' *' : '  '}`),
          ]),
        })}${alike(metrics.length - changed.length)}`,
    `Durations\n${textTable({
      room,
      head: ['stage', ...columns],
      numbers: right(1),
      rows: stages.map(({ stage, durationsMs, statuses }) => [
        stage,
        ...durationsMs.map((ms, at) => (ms === null ? (statuses[at]?.replace('_', ' ') ?? '-') : formatDuration(ms))),
      ]),
    })}`,
    moved.length === 0
      ? `Artifacts: none differ; ${same(artifacts.length)}.\n`
      : `Artifacts that differ\n${textTable({
          room,
          head: ['out', ...columns],
          rows: moved.map(({ out, hashes, sizesBytes }) => [
            out,
            ...hashes.map((hash, at) =>
              hash === null ? '-' : `${shortHash(hash)} ${formatBytes(sizesBytes[at] ?? 0)}`,
            ),
          ]),
        })}${alike(artifacts.length - moved.length)}`,
  ];
  return sections.join('\n');
}

const same = (count: number): string => `${count} ${count === 1 ? 'is' : 'are'} the same`;

const alike = (count: number): string => (count === 0 ? '' : `Beside these ${same(count)}.\n`);

const differs = ({ values }: ComparedMetric): boolean => new Set(values).size > 1;

interface Shared extends Comparison {
  /** What is left out of which run, for people. */
  readonly missing: readonly string[];
}

/** The part that can be compared: a stage that no two of the runs have tells nothing but that. */
function shared(comparison: Comparison): Shared {
  const { runs, stages } = comparison;
  const alone = new Set(
    stages.filter(({ statuses }) => statuses.filter((status) => status !== null).length < 2).map(({ stage }) => stage),
  );
  const missing = runs.flatMap((run, at) => {
    const absent = stages.filter(({ statuses }) => statuses[at] === null).map(({ stage }) => stage);
    return absent.length === 0 ? [] : [`Not in run ${run}: ${absent.join(', ')}.`];
  });
  return {
    ...comparison,
    missing,
    params: comparison.params.filter(({ stage }) => !alone.has(stage)),
    metrics: comparison.metrics.filter(({ stage }) => !alone.has(stage)),
    stages: stages.filter(({ stage }) => !alone.has(stage)),
    artifacts: comparison.artifacts.filter(({ out }) => !alone.has(out.split('.')[0] ?? '')),
  };
}
