import { err, ok, type Result } from '../../util/result.ts';
import { badRequest, type Fault } from '../fault.ts';
import type { AskedRows } from '../predict.ts';
import type { InferRules } from './infer-request.ts';
import { readValues } from './read-values.ts';

/** The forms of MLflow's scoring protocol; exactly one of them is in a request. */
const FORMS = ['inputs', 'instances', 'dataframe_split', 'dataframe_records'] as const;

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a request of MLflow's scoring protocol (version 2): rows as a tensor, by name, or as a table. */
export function readInvocation(json: unknown, { contract, maxRows }: InferRules): Result<AskedRows, Fault> {
  if (!isObject(json)) return err(badRequest(`The body has to be a JSON object with one of ${FORMS.join(', ')}.`));
  const given = FORMS.filter((form) => json[form] !== undefined);
  const [form] = given;
  if (form === undefined || given.length > 1) {
    const what = form === undefined ? 'none' : given.join(' and ');
    return err(badRequest(`The body has to have exactly one of ${FORMS.join(', ')}; it has ${what}.`));
  }
  const rows = rowsOf(form, json[form], contract.input.name);
  if (!rows.ok) return rows;
  const { length } = rows.value;
  if (length === 0) return err(badRequest(`${form} has no rows.`));
  if (length > maxRows) {
    return err({
      status: 413,
      error: `The request has ${length} rows; ${maxRows} is the most that is answered at once.`,
    });
  }
  const [first] = rows.value;
  // A table's cells stand in one line; a tensor's may be nested by the shape of a row.
  const isNested = Array.isArray(first) && Array.isArray(first[0]);
  const shape = [length, ...(isNested ? contract.rowShape : [contract.width])];
  const size = length * contract.width;
  if (!Array.isArray(first)) return err(badRequest(`${form} has to be a list of rows of ${contract.width} numbers.`));
  const { below } = contract;
  const values = readValues(rows.value, { datatype: 'FP32', shape, size, below, what: form });
  return values.ok ? ok({ inputs: values.value, rows: length }) : values;
}

type Rows = Result<readonly unknown[], Fault>;

function rowsOf(form: (typeof FORMS)[number], given: unknown, name: string): Rows {
  switch (form) {
    case 'inputs': {
      const tensor = isObject(given) ? given[name] : given;
      if (Array.isArray(tensor)) return ok(tensor);
      return err(badRequest(`inputs has to be a list of rows, or an object with such a list as '${name}'.`));
    }
    case 'instances': {
      if (!Array.isArray(given)) return err(badRequest('instances has to be a list of rows.'));
      const named: readonly unknown[] = given;
      return ok(named.map((row) => (isObject(row) ? row[name] : row)));
    }
    case 'dataframe_split':
      return split(given);
    default:
      return records(given);
  }
}

function split(given: unknown): Rows {
  if (!isObject(given) || !Array.isArray(given['data'])) {
    return err(badRequest('dataframe_split has to be an object with columns and data, a list of rows.'));
  }
  const { columns, data } = given;
  const rows: readonly unknown[] = data;
  if (columns === undefined) return ok(rows.map(unboxed));
  if (!Array.isArray(columns)) return err(badRequest('The columns of dataframe_split have to be a list of names.'));
  const wrong = rows.findIndex((row) => !Array.isArray(row) || row.length !== columns.length);
  if (wrong < 0) return ok(rows.map(unboxed));
  return err(badRequest(`Row ${wrong} of dataframe_split does not have the ${columns.length} cells of its columns.`));
}

function records(given: unknown): Rows {
  if (!Array.isArray(given) || !given.every(isObject)) {
    return err(badRequest('dataframe_records has to be a list of objects, one a row.'));
  }
  const rows: readonly Fields[] = given;
  const columns = Object.keys(rows[0] ?? {});
  const wrong = rows.findIndex((row) => {
    const names = Object.keys(row);
    return names.length !== columns.length || !columns.every((name) => name in row);
  });
  if (wrong >= 0) return err(badRequest(`Row ${wrong} of dataframe_records has other columns than the first.`));
  return ok(rows.map((row) => unboxed(columns.map((name) => row[name]))));
}

/** A table with one column that holds a whole row in every cell. */
const unboxed = (row: unknown): unknown =>
  Array.isArray(row) && row.length === 1 && Array.isArray(row[0]) ? row[0] : row;
