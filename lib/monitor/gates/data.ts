import type {
  DataLimit,
  DataProfile,
  DataReference,
  DataStatistics,
  FeatureStatistics,
} from '../../domain/data-profile.ts';
import { type GateRecord, type GateVerdict, gateRecord } from '../../domain/gate.ts';
import { compareCounts } from '../statistics/homogeneity.ts';
import { percentileDistance } from '../statistics/wasserstein.ts';
import { DATA_CHECKS, type DataCheck, type DataCheckName } from './data-limits.ts';

/** Fewer rows than this say nothing about a distribution that chance would not. */
const MIN_ROWS = 500;

/** A difference of class shares counts only where chance makes one as large less often than this. */
const CHANCE = 0.001;

/** Judges a run's prepared rows, by themselves and against the reference. */
export function dataGate(profile: DataProfile, reference: DataReference): GateRecord[] {
  const check = checker(profile.limits);
  const { train, test } = profile.statistics;
  const beside =
    reference.kind === 'statistics'
      ? againstReference(check, train, reference.statistics)
      : [gateRecord({ gate: 'data', name: 'reference', verdict: reference.verdict, note: reference.note })];
  return [...byThemselves(check, profile), ...trainAgainstTest(check, train, test), ...beside];
}

interface Seen {
  readonly value: number;
  readonly rows: number | null;
  readonly slice?: string;
  readonly pValue?: number;
  readonly note?: string;
  /** False where so few rows could show the same by chance: then nothing is refused for it. */
  readonly isSure?: boolean;
}

type Check = (name: DataCheckName, seen: Seen) => GateRecord;

function checker(limits: Readonly<Record<string, DataLimit>>): Check {
  return (name, { value, isSure = true, ...seen }) => {
    const { limit, warn, error }: DataCheck = { ...DATA_CHECKS[name], ...limits[name] };
    const isBeyond = (threshold: number | undefined): threshold is number =>
      threshold !== undefined && (limit === 'max' ? !(value <= threshold) : !(value >= threshold));
    const beyond: GateVerdict = isBeyond(error) ? 'refused' : isBeyond(warn) ? 'warning' : 'passed';
    const threshold = (beyond === 'refused' ? error : (warn ?? error)) ?? null;
    const verdict = beyond === 'passed' || isSure ? beyond : 'not_enough_evidence';
    return gateRecord({
      gate: 'data',
      name,
      ...seen,
      value: Number.isFinite(value) ? value : null,
      limit: threshold === null ? null : limit,
      threshold,
      verdict,
    });
  };
}

function byThemselves(check: Check, { collected, cleaning, statistics, leaked }: DataProfile): GateRecord[] {
  const { train, test } = statistics;
  const share = (count: number): Pick<Seen, 'value' | 'rows'> => ({
    value: collected === 0 ? 0 : count / collected,
    rows: collected,
  });
  const { badLabel, blank, duplicateInTrain, duplicateInTest, conflicting, trainAlsoInTest } = cleaning;
  const rarest = train.perClass.reduce((least, count) => Math.min(least, count), Number.POSITIVE_INFINITY);
  const name = train.classes[train.perClass.indexOf(rarest)];
  return [
    ...featuresOf(train).map(([slice, feature]) => check('missing', { slice, ...missingShare(feature, test, slice) })),
    check('badLabels', share(badLabel)),
    check('blank', share(blank)),
    check('duplicates', share(duplicateInTrain + duplicateInTest)),
    check('conflicts', share(conflicting)),
    check('trainAlsoInTest', share(trainAlsoInTest)),
    check('leakage', { value: leaked, rows: test.rows }),
    check('rarestClass', {
      value: train.rows === 0 ? 0 : (rarest * train.classes.length) / train.rows,
      rows: train.rows,
      note: `${name} with ${rarest}`,
    }),
  ];
}

const featuresOf = ({ features }: DataStatistics) => Object.entries(features);

function missingShare(feature: FeatureStatistics, test: DataStatistics, name: string): Pick<Seen, 'value' | 'rows'> {
  const other = test.features[name];
  const missing = feature.missing + (other?.missing ?? 0);
  const all = missing + feature.values + (other?.values ?? 0);
  const width = feature.shape.reduce((product, size) => product * size, 1);
  return { value: all === 0 ? 0 : missing / all, rows: Math.round(all / Math.max(1, width)) };
}

/** A test set that is unlike the training rows scores something else than what was learned. */
function trainAgainstTest(check: Check, train: DataStatistics, test: DataStatistics): GateRecord[] {
  const balance = compareCounts(test.perClass, train.perClass);
  return [
    ...(balance === null ? [] : [check('testClasses', balanceOf(balance, test.rows))]),
    ...featuresOf(test).flatMap(([slice, feature]) => {
      const other = train.features[slice];
      return other === undefined
        ? []
        : [check('testValues', { slice, ...moved(feature, other, test.rows, train.rows) })];
    }),
  ];
}

const balanceOf = (
  { totalVariation, pValue }: { readonly totalVariation: number; readonly pValue: number },
  rows: number,
): Seen => ({ value: totalVariation, pValue, rows, isSure: pValue < CHANCE });

/** Where values do not vary, one unit of theirs is the measure. */
const unitOf = ({ std }: FeatureStatistics): number => (std === null || std === 0 ? 1 : std);

const moved = (mine: FeatureStatistics, reference: FeatureStatistics, rows: number, others: number): Seen => ({
  value: percentileDistance(mine.percentiles, reference.percentiles) / unitOf(reference),
  rows,
  isSure: rows >= MIN_ROWS && others >= MIN_ROWS,
});

function againstReference(check: Check, mine: DataStatistics, reference: DataStatistics): GateRecord[] {
  const differences = schemaDifferences(mine, reference);
  const balance = compareCounts(mine.perClass, reference.perClass);
  const sameClasses = mine.classes.join('\n') === reference.classes.join('\n');
  const rows = mine.rows;
  return [
    check('schema', { value: differences.length, rows: null, note: differences.slice(0, 3).join('; ') }),
    check('rows', { value: reference.rows === 0 ? 1 : rows / reference.rows, rows }),
    ...featuresOf(mine).flatMap(([slice, feature]) => {
      const other = reference.features[slice];
      if (other === undefined) return [];
      const isLaidOutAlike = other.shape.join() === feature.shape.join();
      const drifted = moved(feature, other, rows, reference.rows);
      return [
        check('range', { slice, value: outside(feature, other), rows, note: rangeNote(feature, other) }),
        check('values', { slice, ...drifted }),
        ...(isLaidOutAlike ? [check('layout', { ...drifted, slice, value: layoutDistance(feature, other) })] : []),
      ];
    }),
    ...(sameClasses && balance !== null ? [check('classBalance', balanceOf(balance, rows))] : []),
  ];
}

function schemaDifferences(mine: DataStatistics, reference: DataStatistics): string[] {
  const names = [...new Set([...Object.keys(reference.features), ...Object.keys(mine.features)])].sort();
  const shown = ({ dtype, shape }: FeatureStatistics): string => `${dtype} [${shape.join(', ')}]`;
  const features = names.flatMap((name) => {
    const [here, there] = [mine.features[name], reference.features[name]];
    if (here === undefined) return [`the feature ${name} is gone`];
    if (there === undefined) return [`the feature ${name} is new`];
    return shown(here) === shown(there) ? [] : [`${name} is ${shown(here)}, was ${shown(there)}`];
  });
  const gone = reference.classes.filter((name) => !mine.classes.includes(name));
  const added = mine.classes.filter((name) => !reference.classes.includes(name));
  const isReordered = gone.length + added.length === 0 && mine.classes.join('\n') !== reference.classes.join('\n');
  return [
    ...features,
    ...gone.map((name) => `the class ${name} is gone`),
    ...added.map((name) => `the class ${name} is new`),
    ...(isReordered ? ['the classes stand in another order'] : []),
  ];
}

/** How far the values reach beyond those of the reference, in widths of its range; 0 within. */
function outside(mine: FeatureStatistics, reference: FeatureStatistics): number {
  if (mine.min === null || mine.max === null || reference.min === null || reference.max === null) return 0;
  const width = reference.max - reference.min;
  return Math.max(0, reference.min - mine.min, mine.max - reference.max) / (width === 0 ? 1 : width);
}

const rangeNote = (mine: FeatureStatistics, reference: FeatureStatistics): string =>
  outside(mine, reference) > 0 ? `${mine.min} to ${mine.max}, was ${reference.min} to ${reference.max}` : '';

/** The mean distance of the positions' means, in standard deviations: images that lie on their side are alike in all but this. */
function layoutDistance(mine: FeatureStatistics, reference: FeatureStatistics): number {
  const sum = mine.means.reduce((total, mean, at) => total + Math.abs(mean - (reference.means[at] ?? mean)), 0);
  return sum / Math.max(1, mine.means.length) / unitOf(reference);
}
