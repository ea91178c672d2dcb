import { GATE_HEAD, gateCells } from '../../domain/gate-text.ts';
import type { FoldRecord } from '../../domain/records.ts';
import type { RunView, StageView } from '../../domain/run-view.ts';
import { alignColumns } from '../../util/align-columns.ts';
import { formatDuration } from '../../util/duration.ts';
import { formatBytes } from '../../util/format-bytes.ts';
import { textTable } from '../console/text-table.ts';
import { shortHash, shownNumber, shownTime, shownValue } from './format.ts';
import { lastValues } from './models.ts';
import { meanSeconds } from './timed-results.ts';

/** Characters of a line; as many as it takes where it is left out. */
type Room = number | undefined;

/** Everything on record of one run, for people. */
export function showText(view: RunView, room?: number): string {
  const { dataset } = view.used;
  const isGenerated = (dataset as { readonly generated?: boolean } | null)?.generated === true;
  const parts = [
    ...(isGenerated
      ? ['GENERATED DATA: a program made these rows; nothing here says how the model does on real ones.\n']
      : []),
    head(view),
    titled('Stages', stagesTable(view, room)),
    titled('Params', paramsTable(view, room)),
    titled('Metrics', metricsTable(view, room)),
    titled(`Trials${hasReused(view) ? ' (* computed before)' : ''}`, trialsTable(view, room)),
    titled('Gate', gateTable(view, room)),
    titled('Decision', decisionText(view)),
    titled('Notes', view.notes.map(({ title, text }) => `${title}: ${text}\n`).join('')),
    titled('Artifacts', artifactsTable(view, room)),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

const titled = (title: string, text: string): string => (text === '' ? '' : `${title}\n${text}`);

function head(view: RunView): string {
  const { run, status, exitCode, trigger, verb, parent, profile, overrides, seed, gitCommit, gitDirty, host } = view;
  const facts: (readonly [string, string])[] = [
    ['run', `${run} (${view.uid})`],
    ['status', exitCode === null ? status : `${status.replace('_', ' ')}, exit ${exitCode}`],
    [
      'started',
      `${shownTime(view.startedAt)} UTC${view.durationMs === null ? '' : `, took ${formatDuration(view.durationMs)}`}`,
    ],
    ['asked by', `${trigger}, verb ${verb}${parent === null ? '' : `, follows run ${parent}`}`],
    ['pipeline', `${view.pipeline}, seed ${seed}${profile === null ? '' : `, profile ${profile}`}`],
    ...Object.entries(overrides).map(([path, value]): readonly [string, string] => [
      'set',
      `${path}=${shownValue(value)}`,
    ]),
    [
      'code',
      gitCommit === null
        ? 'not in git'
        : `${gitCommit.slice(0, 12)}${gitDirty === null ? '' : ', with changes that are not committed'}`,
    ],
    [
      'host',
      `${host}, ${Object.entries(view.versions)
        .map(([name, version]) => `${name} ${shownValue(version)}`)
        .join(', ')}`,
    ],
  ];
  return `${alignColumns(facts).join('\n')}\n`;
}

function stagesTable({ run, stages }: RunView, room: Room): string {
  if (stages.length === 0) return '';
  const status = ({ status: word, madeByRun }: StageView): string =>
    madeByRun === run ? word.replace('_', ' ') : `${word}, by run ${madeByRun}`;
  return textTable({
    room,
    head: ['stage', 'status', 'took', 'CPU', 'memory', 'why'],
    numbers: [2, 3, 4],
    rows: stages.map((stage) => [
      stage.stage,
      status(stage),
      stage.durationMs === null || stage.durationMs === 0 ? '-' : formatDuration(stage.durationMs),
      stage.cpuMs === null ? '-' : formatDuration(stage.cpuMs),
      stage.peakMemoryBytes === null ? '-' : formatBytes(stage.peakMemoryBytes),
      (stage.failure ?? stage.why).split('\n')[0] ?? '',
    ]),
  });
}

const paramsTable = ({ params }: RunView, room: Room): string =>
  params.length === 0
    ? ''
    : textTable({
        room,
        head: ['stage', 'param', 'value'],
        rows: params.map(({ stage, name, value }) => [stage, name, shownValue(value)]),
      });

/** Last values; epochs, folds and classes are in --json. */
function metricsTable({ metrics }: RunView, room: Room): string {
  const overall = lastValues(metrics);
  if (overall.length === 0) return '';
  return textTable({
    room,
    head: ['stage', 'metric', 'model', 'split', 'value'],
    numbers: [4],
    rows: overall.map(({ stage, name, model, split, value }) => [
      stage,
      name,
      model ?? '-',
      split ?? '-',
      shownNumber(value),
    ]),
  });
}

const hasReused = ({ trials }: RunView): boolean => trials.some(({ folds }) => folds.some(({ reused }) => reused));

function trialsTable({ trials }: RunView, room: Room): string {
  if (trials.length === 0) return '';
  return textTable({
    room,
    head: ['rank', 'mean', 'std', 'folds', 'a fold took', 'peak', 'setting'],
    numbers: [0, 1, 2, 4, 5],
    rows: trials.map(({ rank, mean, std, folds, params, winner, reference, status }) => [
      String(rank),
      status === 'succeeded' ? shownNumber(mean) : status,
      shownNumber(std),
      folds.map(shownFold).join(' '),
      shownSeconds(meanSeconds(folds)),
      shownPeak(folds),
      `${
        Object.entries(params)
          .map(([name, value]) => `${name} ${shownValue(value)}`)
          .join(', ') || 'the baseline’s own'
      }${winner ? '  winner' : ''}${reference ? '  for reference' : ''}`,
    ]),
  });
}

const shownFold = ({ score, status, reused }: FoldRecord): string =>
  status === 'pruned' ? 'pruned' : `${shownNumber(score)}${reused ? '*' : ''}`;

/** A fold whose fit served a candidate of more epochs took no time of its own. */
const shownSeconds = (seconds: number | null): string =>
  seconds === null || seconds === 0 ? '-' : formatDuration(1000 * seconds);

function shownPeak(folds: readonly FoldRecord[]): string {
  const peak = Math.max(0, ...folds.map(({ peakMemoryBytes }) => peakMemoryBytes ?? 0));
  return peak === 0 ? '-' : formatBytes(peak);
}

const gateTable = ({ gates }: RunView, room: Room): string =>
  gates.length === 0
    ? ''
    : textTable({
        room,
        head: GATE_HEAD,
        numbers: [4],
        rows: gates.map((row) => gateCells(row).with(4, String(row.rows ?? ''))),
      });

function decisionText({ decision }: RunView): string {
  if (decision === null) return '';
  const rules = decision.rules.map(({ name, note, fired }) => `  ${name}: ${note}${fired ? '  fired' : ''}`);
  return `${[`${decision.verdict}: ${decision.reason}`, ...rules].join('\n')}\n`;
}

/** Where a person finds the outs: a run that moved nothing has no links of its own. */
function artifactsTable({ stages, artifacts }: RunView, room: Room): string {
  if (artifacts.length === 0) return '';
  return textTable({
    room,
    head: ['out', 'kind', 'size', 'sha256', 'where'],
    numbers: [2],
    rows: artifacts.map(({ stage, name, kind, sizeBytes, hash }) => [
      `${stage}.${name}`,
      kind,
      formatBytes(sizeBytes),
      shortHash(hash),
      `artifacts/runs/${stages.find((turn) => turn.stage === stage)?.madeByRun}/${stage}/`,
    ]),
  });
}
