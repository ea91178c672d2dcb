import { formatDuration } from '../../util/duration.ts';
import { shownTime } from '../runs/format.ts';
import { textTable } from './text-table.ts';

interface Proportion {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

interface Counted {
  readonly line: string;
  readonly version: number;
  readonly labels: number;
  readonly accuracy: Proportion | null;
}

/** Answers of a version in a window of time. */
export interface ShownWindow extends Counted {
  readonly from: number;
  readonly predictions: number;
  readonly coverage: number;
  readonly state: 'provisional' | 'settled' | 'unknown';
  readonly delayMedianMs: number | null;
  readonly delayP90Ms: number | null;
}

export interface ShownSource extends Counted {
  readonly source: string;
}

export interface ShownAccuracy {
  readonly enough: number;
  readonly windows: readonly ShownWindow[];
  readonly sources: readonly ShownSource[];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const delay = (ms: number | null): string => (ms === null ? '-' : formatDuration(ms));

const interval = (accuracy: Proportion | null): string =>
  accuracy === null ? '-' : `${accuracy.value.toFixed(4)} (${accuracy.low.toFixed(4)} to ${accuracy.high.toFixed(4)})`;

/** How well answers were by the time they were given, and by whose word that is known. */
export function accuracyText({ windows, sources, enough }: ShownAccuracy): string {
  if (windows.length === 0) return 'Nobody has asked anything yet.\n';
  const table = textTable({
    head: [
      'from (UTC)',
      'version',
      'answers',
      'labels',
      'coverage',
      'accuracy (95 %)',
      '',
      'label after',
      '90 % after',
    ],
    numbers: [2, 3, 4, 7, 8],
    rows: windows.map((one) => [
      shownTime(one.from),
      `${one.line} v${one.version}`,
      String(one.predictions),
      String(one.labels),
      percent(one.coverage),
      interval(one.accuracy),
      one.state === 'provisional' ? 'provisional' : '',
      delay(one.delayMedianMs),
      delay(one.delayP90Ms),
    ]),
  });
  const isAny = windows.some(({ state }) => state === 'provisional');
  const note = isAny ? `provisional: fewer than ${percent(enough)} of the answers have their label yet\n` : '';
  return `${table}${note}${sources.length === 0 ? '' : `\n${sourcesText(sources)}`}`;
}

function sourcesText(sources: readonly ShownSource[]): string {
  const table = textTable({
    head: ['whose word', 'version', 'labels', 'accuracy (95 %)'],
    numbers: [2],
    rows: sources.map(({ source, line, version, labels, accuracy }) => [
      source,
      `${line} v${version}`,
      String(labels),
      interval(accuracy),
    ]),
  });
  const audited = sources.some(({ source }) => source === 'audit');
  const note = audited
    ? 'audit is a random sample, and speaks for all answers; what else people say is of what they noticed\n'
    : 'no audit: what people say is of what they noticed, and speaks for no more; feedback import --source audit brings a sample\n';
  return `${table}${note}`;
}
