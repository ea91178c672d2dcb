import { counted } from '../../util/counted.ts';

/** What is told of a state that came. */
export interface StateThere {
  readonly name: string;
  readonly pipeline: string;
  readonly at: number;
  readonly lastRun: { readonly run: number } | null;
  readonly rows: Readonly<Record<string, number>>;
}

interface AliasThere {
  readonly line: string;
  readonly alias: string;
  readonly version: number;
  readonly before: number | null;
  readonly outcome: 'same' | 'moved' | 'kept' | 'rolled_back' | 'not_whole';
}

interface Merged {
  readonly kind: 'merged';
  /** What this log is called elsewhere. */
  readonly name: string;
  readonly continues: boolean;
  readonly runs: readonly string[];
  readonly versions: readonly { readonly line: string; readonly from: number; readonly to: number }[];
  readonly predictions: number;
  readonly labels: number;
  readonly joined: number;
  readonly forgotten: number;
  readonly aliases: readonly AliasThere[];
}

export type StateTaken = { readonly kind: 'adopted' } | Merged;

/** Runs named before the rest is only counted. */
const SHOWN = 8;

/** What a log holds: 'runs up to 7, 2 model versions, 1 prediction, 0 labels'. */
export function heldText({ lastRun, rows }: Pick<StateThere, 'lastRun' | 'rows'>): string {
  return [
    lastRun === null ? 'no runs' : `runs up to ${lastRun.run}`,
    counted(rows['model_version'] ?? 0, 'model version'),
    counted(rows['prediction'] ?? 0, 'prediction'),
    counted(rows['label'] ?? 0, 'label'),
  ].join(', ');
}

/** What came of an import, for people. */
export function takenText(there: StateThere, taken: StateTaken): string {
  const { name, pipeline, at } = there;
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  const state = `The state of ${pipeline} on '${name}', of ${when} UTC,`;
  if (taken.kind === 'adopted') return `${state} goes on here: ${heldText(there)}.\n`;
  return `${[`${state} was merged into '${taken.name}': ${whatCame(taken)}.`, ...details(name, taken)].join('\n')}\n`;
}

function whatCame({ runs, versions, predictions, labels }: Merged): string {
  if (runs.length + versions.length + predictions + labels === 0) return 'nothing in it was new';
  const few = runs.length === 0 || runs.length > SHOWN ? '' : ` (${runs.join(', ')})`;
  return [
    `${counted(runs.length, 'new run')}${few}`,
    counted(versions.length, 'version'),
    counted(predictions, 'prediction'),
    counted(labels, 'label'),
  ].join(', ');
}

function details(theirs: string, { versions, joined, forgotten, aliases, continues }: Merged): string[] {
  return [
    ...(continues ? ['It is this log at a later time, and its runs keep their numbers.'] : []),
    ...versions
      .filter(({ from, to }) => from !== to)
      .map(({ line, from, to }) => `${line} v${from} of ${theirs} is ${line} v${to} here.`),
    ...(joined === 0 ? [] : [`${counted(joined, 'label')} had waited for a prediction that came now.`]),
    ...(forgotten === 0
      ? []
      : [`${counted(forgotten, 'prediction was', 'predictions were')} forgotten there, and so here.`]),
    ...aliases.flatMap((alias) => aliasText(theirs, alias)),
  ];
}

function aliasText(theirs: string, { line, alias, version, before, outcome }: AliasThere): string[] {
  const there = `${line}/${alias} is v${version} on ${theirs}`;
  switch (outcome) {
    case 'same':
      return [];
    case 'moved':
      return [`${there}, and now here${before === null ? '' : `; it was v${before}`}.`];
    case 'kept':
      return [`${there} and stays v${before} here. Follow with: npx mlloop promote v${version} --line ${line}`];
    case 'rolled_back':
      return [`${there} and stays v${before} here, because it was rolled back from v${version}.`];
    case 'not_whole':
      return [
        `${there} and stays ${before === null ? 'away' : `v${before}`} here, because v${version} did not come whole.`,
      ];
  }
}
