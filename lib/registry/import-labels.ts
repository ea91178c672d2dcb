import { parse } from 'csv-parse/sync';
import { type Failure, failure } from '../domain/failure.ts';
import { lastLabelOf } from '../runlog/feedback.ts';
import { isForgotten } from '../runlog/forget.ts';
import type { RunLog } from '../runlog/open.ts';
import { findPrediction, insertLabel } from '../runlog/predictions.ts';
import { sha256 } from '../util/hash.ts';
import { err, ok, type Result } from '../util/result.ts';
import { type ClassesOf, classIndex } from './give-labels.ts';

export interface LabelFile {
  /** The file's name, for messages. */
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly classesOf: ClassesOf;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface ImportedLabels {
  readonly rows: number;
  /** Labels that are new: the others were known already. */
  readonly added: number;
  /** Labels of predictions that were forgotten, and so are not kept. */
  readonly forgotten: number;
  /** Lines of models the labels speak of. */
  readonly lines: readonly string[];
}

const COLUMNS = ['prediction_id', 'label'] as const;

interface Row {
  readonly line: number;
  readonly id: string;
  readonly label: string;
}

/** Puts the labels of a CSV file on record: all of them, or none when a row is wrong. Twice is the same as once. */
export function importLabels(log: RunLog, source: LabelFile): Result<ImportedLabels, Failure> {
  const rows = readRows(source);
  if (!rows.ok) return rows;
  return log.atomically(() => {
    const checked = checkRows(log, rows.value, source);
    if (!checked.ok) return checked;
    const origin = `import ${sha256(source.bytes).slice(0, 16)}`;
    const { labels, forgotten } = checked.value;
    let added = 0;
    for (const { prediction, label } of labels) {
      // A label that says again what is on record teaches nothing new, and must not count as new.
      if (lastLabelOf(log, prediction) === label) continue;
      insertLabel(log, { prediction, label, source: origin, at: source.at });
      added += 1;
    }
    return ok({
      rows: rows.value.length,
      added,
      forgotten,
      lines: [...new Set(labels.map(({ line }) => line))].sort(),
    });
  });
}

function readRows({ file, bytes }: LabelFile): Result<readonly Row[], Failure> {
  let records: { readonly info: { readonly lines: number }; readonly record: Readonly<Record<string, string>> }[];
  let names: readonly string[] = [];
  try {
    records = parse(bytes, {
      bom: true,
      columns: (header: string[]) => {
        names = header.map((name) => name.trim());
        return [...names];
      },
      info: true,
      skip_empty_lines: true,
      trim: true,
    });
  } catch (error) {
    const problem = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
    return err(failure('FEEDBACK_FILE', { file, problem }));
  }
  if (names.length === 0) return err(failure('FEEDBACK_FILE', { file, problem: 'it is empty' }));
  const missing = COLUMNS.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const problem = `it has no column ${missing.map((name) => `'${name}'`).join(' and ')}; its columns are ${names.join(', ')}`;
    return err(failure('FEEDBACK_FILE', { file, problem }));
  }
  return ok(
    records.map(({ info, record }) => ({
      line: info.lines,
      id: record['prediction_id'] ?? '',
      label: record['label'] ?? '',
    })),
  );
}

interface CheckedRow {
  readonly prediction: string;
  readonly line: string;
  readonly label: number;
}

interface CheckedRows {
  readonly labels: readonly CheckedRow[];
  readonly forgotten: number;
}

function checkRows(log: RunLog, rows: readonly Row[], source: LabelFile): Result<CheckedRows, Failure> {
  const { file, classesOf } = source;
  const problems: { line: number; problem: string }[] = [];
  const checked: CheckedRow[] = [];
  const seen = new Map<string, Row>();
  let forgotten = 0;
  for (const row of rows) {
    // Rows nobody has labelled yet may stand in the file: it is the file predictions came in.
    if (row.label === '') continue;
    const problem = (text: string): void => void problems.push({ line: row.line, problem: text });
    const before = seen.get(row.id);
    seen.set(row.id, row);
    const prediction = findPrediction(log, row.id);
    if (prediction === undefined && isForgotten(log, row.id)) forgotten += 1;
    else if (prediction === undefined) problem(`there is no prediction '${row.id}'`);
    else {
      const label = classIndex(prediction, { prediction: row.id, label: row.label }, classesOf);
      if (typeof label === 'string') problem(label);
      else if (before !== undefined && before.label !== row.label) {
        problem(`prediction '${row.id}' is labelled ${row.label}, but line ${before.line} says ${before.label}`);
      } else checked.push({ prediction: row.id, line: prediction.line, label });
    }
  }
  return problems.length === 0
    ? ok({ labels: checked, forgotten })
    : err(failure('FEEDBACK_ROWS', { file, problems, rows: rows.length }));
}
