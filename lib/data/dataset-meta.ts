import type { ColumnMeta, ColumnType, DatasetMeta, Provenance } from '../domain/dataset.ts';
import { isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';

const TYPES: readonly ColumnType[] = ['uint8', 'int32', 'float32'];

/** Columns every dataset has, with their type; each holds one number a row. */
export const FIXED_COLUMNS = {
  label: 'int32',
  id: 'int32',
  origin: 'int32',
  split: 'uint8',
} as const satisfies Readonly<Record<string, ColumnType>>;

const isCount = (value: Json | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isStrings = (value: Json | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** The first class that has the name of one before it: two of a name could not be told apart. */
export const namedTwice = (classes: readonly string[]): string | undefined =>
  classes.find((name, at) => classes.indexOf(name) !== at);

function parseColumn(name: string, value: Json): Result<ColumnMeta, string> {
  const column = isJsonObject(value) ? value : {};
  const { file, dtype, shape } = column;
  // A path could lead out of the folder, whose content is what is hashed.
  if (typeof file !== 'string' || !/^[\w.-]+\.npy$/.test(file)) return err(`column '${name}' names no .npy file`);
  const type = TYPES.find((known) => known === dtype);
  if (type === undefined)
    return err(`column '${name}' has the type ${JSON.stringify(dtype)}, none of ${TYPES.join(', ')}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) return err(`column '${name}' has no shape`);
  return ok({ file, dtype: type, shape });
}

function parseProvenance(value: Json): Provenance | undefined {
  if (!isJsonObject(value)) return undefined;
  const { source, rows, sha256, detail } = value;
  if (typeof source !== 'string' || !isCount(rows) || !isJsonObject(sha256) || !isJsonObject(detail)) return undefined;
  return { source, rows, sha256: sha256 as Provenance['sha256'], detail };
}

function parseColumns(value: Json | undefined): Result<Readonly<Record<string, ColumnMeta>>, string> {
  if (!isJsonObject(value)) return err('dataset.json has no columns');
  const columns: Record<string, ColumnMeta> = {};
  for (const [name, text] of Object.entries(value)) {
    const column = parseColumn(name, text);
    if (!column.ok) return column;
    columns[name] = column.value;
  }
  for (const [name, dtype] of Object.entries(FIXED_COLUMNS)) {
    const seen = columns[name];
    if (seen === undefined) return err(`dataset.json has no column '${name}'`);
    if (seen.dtype !== dtype || seen.shape.length > 0) return err(`column '${name}' is not one ${dtype} a row`);
  }
  return ok(columns);
}

/** Reads the text of dataset.json; the failure says what is wrong with it. */
export function parseDatasetMeta(text: string): Result<DatasetMeta, string> {
  let value: JsonObject;
  try {
    const parsed = JSON.parse(text) as Json;
    if (!isJsonObject(parsed)) return err('dataset.json holds no object');
    value = parsed;
  } catch {
    return err('dataset.json is not JSON');
  }
  const { format, version, rows, classes, provenance, generated } = value;
  if (format !== 'mlloop-dataset' || version !== 1) {
    return err(
      `dataset.json has format ${JSON.stringify(format)} version ${JSON.stringify(version)}, not 'mlloop-dataset' 1`,
    );
  }
  if (!isCount(rows)) return err(`dataset.json says rows: ${JSON.stringify(rows)}`);
  if (!isStrings(classes) || classes.length === 0) return err('dataset.json names no classes');
  const twice = namedTwice(classes);
  if (twice !== undefined) return err(`dataset.json names the class '${twice}' twice`);
  const sources = Array.isArray(provenance) ? provenance.map(parseProvenance) : [undefined];
  if (!sources.every((source) => source !== undefined)) return err('dataset.json has no valid provenance');
  const columns = parseColumns(value['columns']);
  if (!columns.ok) return columns;
  return ok({
    format,
    version,
    rows,
    columns: columns.value,
    classes,
    provenance: sources,
    generated: generated === true,
  });
}
