import type { FeedbackCounts } from '../../domain/imported-feedback.ts';
import { isForgotten } from '../../runlog/forget.ts';
import { type LabelRow, type LabelRows, labelRows, type NamedClass, quarantine } from '../../runlog/label-rows.ts';
import type { RunLog } from '../../runlog/open.ts';
import { findPrediction, insertPredictions, type PredictionOrigin } from '../../runlog/predictions.ts';
import { versionOfModel } from '../../runlog/registry.ts';
import { insertUnmatched, isWaiting } from '../../runlog/unmatched-labels.ts';
import type { FeedbackImport } from './import-feedback.ts';
import type { BadRow, CarriedPrediction, FeedbackRow } from './row.ts';

/** What becomes of a file with a row that cannot be right: it ends the import, or the row is set aside with its reason. */
export type BadRowPolicy = 'stop' | 'quarantine';

/** What becomes of a label whose prediction is not on record: as of a bad row, or it waits for the prediction to come. */
export type UnknownPolicy = BadRowPolicy | 'wait';

/** The same while the file is read, and what was wrong with it. */
export interface RowCounts extends FeedbackCounts {
  /** Rows that end the import. */
  readonly bad: number;
  /** The first of these. */
  readonly problems: readonly { readonly line: number; readonly problem: string }[];
}

export interface TakenRows {
  readonly counts: RowCounts;
  lines(): readonly string[];
}

/** Problems that are kept for the message. */
const SHOWN = 8;

/** Characters of a row that are kept in quarantine. */
const TEXT_LENGTH = 500;

type Options = Omit<FeedbackImport, 'path' | 'file' | 'signal'> & { readonly classes: readonly NamedClass[] };

/** Rows that go to the log in one statement. */
const BATCH = 1000;

export interface RowTaker extends TakenRows {
  take(row: FeedbackRow | BadRow): void;
  /** Takes what has not gone to the log yet. */
  end(): void;
}

/** Takes the rows of a file in their order and counts what becomes of them. The caller holds the transaction. */
export function rowTaker(log: RunLog, options: Options): RowTaker {
  const labels = labelRows(log, { classes: options.classes, source: ownSource(options) });
  const counts = { rows: 0, added: 0, known: 0, forgotten: 0, waiting: 0, predictions: 0, quarantined: 0, bad: 0 };
  const problems: { line: number; problem: string }[] = [];
  const lines = new Set<string>();
  const batch = new Map<string, FeedbackRow>();
  let isTimed = false;

  const refuse = ({ number: line, text }: FeedbackRow | BadRow, problem: string, policy = options.badRows): void => {
    if (policy === 'stop') {
      counts.bad += 1;
      if (problems.length < SHOWN) problems.push({ line, problem });
      return;
    }
    counts.quarantined += 1;
    const { digest: file, source, at } = options;
    quarantine(log, { file, line, reason: problem, text: text.slice(0, TEXT_LENGTH), source, at });
  };

  const flush = (): void => {
    if (batch.size === 0) return;
    const rows = [...batch.values()];
    const added = labels.add(
      rows.map((row) => toLabel(row, options)),
      isTimed,
    );
    counts.added += added;
    if (added < rows.length) {
      const done = labels.added();
      for (const row of rows) if (!done.has(row.id)) settle(row);
    }
    batch.clear();
  };

  /** What becomes of a row that was not simply added. */
  const settle = (row: FeedbackRow): void => {
    const outcome = explain(log, labels, row, { options, lines });
    if (typeof outcome === 'string') counts[outcome] += 1;
    else refuse(row, outcome.problem, outcome.policy);
  };

  const take = (row: FeedbackRow): void => {
    if (row.prediction !== undefined && findPrediction(log, row.id) === undefined && !isForgotten(log, row.id)) {
      const problem = carry(log, row, row.prediction, options);
      if (problem !== undefined) return refuse(row, problem);
      counts.predictions += 1;
    }
    if (row.label === '') {
      counts.known += 1;
      return;
    }
    const timed = row.at !== undefined;
    // A statement sees what was there before it, and so no two labels of one prediction may be in it.
    if (timed !== isTimed || batch.size >= BATCH || batch.has(row.id)) flush();
    isTimed = timed;
    batch.set(row.id, row);
  };

  return {
    counts: Object.assign(counts, { problems }),
    lines: () => [...new Set([...lines, ...labels.lines()])].sort(),
    take: (row) => {
      counts.rows += 1;
      if (!('problem' in row)) return take(row);
      // Problems are told in the order of the file.
      flush();
      refuse(row, row.problem);
    },
    end: flush,
  };
}

/** Whose word it is where a row does not say, and the file it came in. */
const ownSource = ({ source, digest }: Options): string => `${source} ${digest.slice(0, 16)}`;

const sourceOf = (row: FeedbackRow, options: Options): string => row.source ?? ownSource(options);

const toLabel = (row: FeedbackRow, options: Options): LabelRow => ({
  id: row.id,
  label: row.label,
  source: sourceOf(row, options),
  at: row.at ?? options.at,
});

type Outcome =
  | 'added'
  | 'known'
  | 'forgotten'
  | 'waiting'
  | { readonly problem: string; readonly policy?: BadRowPolicy };

/** Why a label was not simply added, and what becomes of it instead. */
function explain(
  log: RunLog,
  labels: LabelRows,
  row: FeedbackRow,
  { options, lines }: { readonly options: Options; readonly lines: Set<string> },
): Outcome {
  const { id, label } = row;
  const source = sourceOf(row, options);
  const origin = findPrediction(log, id);
  if (origin === undefined) return ofNobody(log, row, { source, options });
  if (origin.simulated) return { problem: `prediction '${id}' is a simulated one; it has its label` };
  const number = classOf(origin, label, options);
  if (typeof number === 'string') return { problem: number };
  lines.add(origin.line);
  if (row.at !== undefined) return labels.addOlder({ id, label: number, source, at: row.at }) ? 'added' : 'known';
  const last = labels.last(id);
  if (last?.label === number || last?.isOwn !== true) return 'known';
  return { problem: `prediction '${id}' is labelled ${label}, and otherwise by a row before it` };
}

function classOf({ line, version }: PredictionOrigin, label: string, { shapeOf }: Options): number | string {
  const { classes } = shapeOf(line, version);
  const number = classes.indexOf(label);
  return number < 0 ? `label '${label.slice(0, 40)}' is no class; the classes are ${classes.join(', ')}` : number;
}

function ofNobody(
  log: RunLog,
  { id, label, at }: FeedbackRow,
  { source, options }: { readonly source: string; readonly options: Options },
): Outcome {
  if (isForgotten(log, id)) return 'forgotten';
  const { unknown: policy } = options;
  if (policy !== 'wait') return { problem: `there is no prediction '${id}'`, policy };
  const waiting = { prediction: id, label, source, at: at ?? options.at };
  if (isWaiting(log, waiting)) return 'known';
  insertUnmatched(log, waiting);
  return 'waiting';
}

/** Puts an answer on record that came with its label; the text that comes back says why it cannot be. */
function carry(log: RunLog, { id }: FeedbackRow, carried: CarriedPrediction, { shapeOf }: Options): string | undefined {
  const { model, predicted, probabilities, input, source, at } = carried;
  const version = versionOfModel(log, model, carried.line);
  if (version === undefined) {
    return `the model that answered, ${carried.line} ${model.slice(0, 12)}, is not registered here; models import or state import brings it`;
  }
  const { classes, features } = shapeOf(version.line, version.version);
  const number = classes.indexOf(predicted);
  if (number < 0)
    return `what was predicted, '${predicted.slice(0, 40)}', is no class; the classes are ${classes.join(', ')}`;
  if (probabilities.length !== classes.length) {
    return `it has ${probabilities.length} probabilities, and the model ${classes.length} classes`;
  }
  if (input !== null && features !== undefined && input.length !== features) {
    return `its input has ${input.length} bytes, and the model is asked about ${features}`;
  }
  insertPredictions(log, { ...version, simulated: false, source, at, classes }, [
    { predictionId: id, input, predicted: number, probabilities },
  ]);
  return undefined;
}
