import { parse } from 'csv-parse/sync';
import { err, ok, type Result } from '../../util/result.ts';
import { type BadRow, type FeedbackRow, problemOf, type RowReader, readTime } from './row.ts';

const NEEDED = ['prediction_id', 'label'] as const;

const DELIMITERS = [',', ';', '\t'] as const;

/** Lines that one quoted field may go over. */
const MAX_LINES = 50;

type Hand = (row: FeedbackRow | BadRow) => void;

interface Columns {
  readonly delimiter: string;
  readonly count: number;
  readonly id: number;
  readonly label: number;
  /** -1 where there is none. */
  readonly source: number;
  readonly at: number;
}

/** A reader of the rows below a header; the columns may stand in any order, and others among them. */
export function csvReader(header: string, now: number): Result<RowReader, string> {
  const columns = readHeader(header);
  return columns.ok ? ok(createReader(columns.value, now)) : columns;
}

function readHeader(header: string): Result<Columns, string> {
  const split = DELIMITERS.map((delimiter) => ({ delimiter, names: fieldsOf(header, delimiter) ?? [header] }));
  const { delimiter, names } = split.find((one) => NEEDED.every((name) => one.names.includes(name))) ?? {
    delimiter: ',',
    names: split[0]?.names ?? [],
  };
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    return err(
      `it has no column ${missing.map((name) => `'${name}'`).join(' and ')}; its columns are ${names.join(', ').slice(0, 200)}`,
    );
  }
  const twice = names.find((name, at) => NEEDED.some((needed) => needed === name) && names.indexOf(name) !== at);
  if (twice !== undefined) return err(`it has two columns '${twice}'`);
  const at = (name: string): number => names.indexOf(name);
  return ok({
    delimiter,
    count: names.length,
    id: at('prediction_id'),
    label: at('label'),
    source: at('source'),
    at: at('labelled_at'),
  });
}

/** The trimmed fields of one record; undefined where a quote is open at its end, and null for what no dialect allows. */
function fieldsOf(text: string, delimiter: string): readonly string[] | undefined | null {
  if (!text.includes('"')) return text.split(delimiter).map((field) => field.trim());
  try {
    const [record] = parse(text, { delimiter, trim: true, relax_column_count: true });
    return record ?? [];
  } catch (error) {
    return (error as { readonly code?: unknown }).code === 'CSV_QUOTE_NOT_CLOSED' ? undefined : null;
  }
}

function createReader(columns: Columns, now: number): RowReader {
  let open: string[] = [];
  let openFrom = 0;

  const one = (text: string, number: number, hand: Hand): boolean => {
    const fields = fieldsOf(text, columns.delimiter);
    if (fields === undefined) return false;
    hand(fields === null ? { number, problem: 'its quotes are not right', text } : toRow(fields, { text, number }));
    return true;
  };

  /** Nothing closes the quote of the first of them: that one is bad, and the others stand for themselves. */
  const giveUp = (hand: Hand): void => {
    const [first = '', ...others] = open;
    const number = openFrom;
    open = [];
    hand({ number, problem: 'a quote in it is never closed', text: first });
    for (const [at, line] of others.entries()) read(line, number + 1 + at, hand);
  };

  const read = (line: string, number: number, hand: Hand): void => {
    if (open.length === 0) {
      if (line.trim() === '' || one(line, number, hand)) return;
      open = [line];
      openFrom = number;
      return;
    }
    open.push(line);
    if (line.includes('"') && one(open.join('\n'), openFrom, hand)) open = [];
    else if (open.length >= MAX_LINES) giveUp(hand);
  };

  const toRow = (
    fields: readonly string[],
    { text, number }: { text: string; number: number },
  ): FeedbackRow | BadRow => {
    if (fields.length !== columns.count) {
      return { number, problem: `it has ${fields.length} fields, and the header ${columns.count}`, text };
    }
    const source = columns.source < 0 ? undefined : fields[columns.source] || undefined;
    const time = columns.at < 0 ? '' : (fields[columns.at] ?? '');
    const at = time === '' ? undefined : readTime(time, now);
    if (typeof at === 'string') return { number, problem: at, text };
    const id = fields[columns.id] ?? '';
    const label = fields[columns.label] ?? '';
    const row: FeedbackRow = { number, id, label, source, at, prediction: undefined, text };
    const problem = problemOf(row);
    return problem === undefined ? row : { number, problem, text };
  };

  return {
    read,
    end: (hand) => {
      while (open.length > 0) giveUp(hand);
    },
  };
}
