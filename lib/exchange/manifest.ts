import { type TProperties, Type } from 'typebox';
import { LOG_NAME } from '../domain/log-name.ts';
import { err, ok, type Result } from '../util/result.ts';
import { parseFormat } from '../util/schema-fault.ts';

export const MANIFEST = 'manifest.json';

/** The log's copy in an exported state. */
export const DATABASE = 'runs.db';

const closed = <Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const count = Type.Integer({ minimum: 0 });

const Schema = closed({
  format: Type.Literal('mlloop-state-1'),
  name: Type.String({ pattern: LOG_NAME.source }),
  pipeline: Type.String(),
  schema: Type.Integer({ minimum: 1 }),
  at: count,
  lastRun: Type.Union([Type.Null(), closed({ run: Type.Integer(), uid: Type.String() })]),
  rows: Type.Record(Type.String(), count),
  files: Type.Record(Type.String(), closed({ sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }), sizeBytes: count })),
});

/** manifest.json of an exported state: where it comes from, what its log counts, and the sum of every file. */
export interface StateManifest {
  readonly format: 'mlloop-state-1';
  /** What the log is called where it comes from. */
  readonly name: string;
  /** The pipeline's name. */
  readonly pipeline: string;
  /** Version of the log's schema. */
  readonly schema: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The run counter: the last run of its own; null without one. */
  readonly lastRun: { readonly run: number; readonly uid: string } | null;
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Every other file of the export, by its path with '/'. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly sizeBytes: number }>>;
}

/** The folders of an exported state that hold files. */
const FOLDERS = ['artifacts/objects/', 'artifacts/models/', 'artifacts/logs/'] as const;

/** Whether a path leads to where an exported state keeps files, and nowhere above. */
export function isPlace(path: string): boolean {
  if (path === DATABASE) return true;
  if (!FOLDERS.some((folder) => path.startsWith(folder))) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'));
}

/** Reads the text of a manifest.json; the failure says what is wrong with it. */
export function parseManifest(text: string): Result<StateManifest, string> {
  const parsed = parseFormat(text, { name: MANIFEST, format: 'mlloop-state-1', schema: Schema });
  if (!parsed.ok) return parsed;
  const manifest: StateManifest = parsed.value;
  const strange = Object.keys(manifest.files).find((path) => !isPlace(path));
  return strange === undefined ? ok(manifest) : err(`its ${MANIFEST} names a file '${strange}', which no state has`);
}
