import { type TProperties, Type } from 'typebox';
import type { VersionFacts } from '../domain/version-facts.ts';
import type { Result } from '../util/result.ts';
import { parseFormat } from '../util/schema-fault.ts';

/** version.json of an exported version: what it is, which of the files are the model, and what is known of it. */
export interface ExportFile {
  readonly format: 'mlloop-export-1';
  readonly line: string;
  readonly version: number;
  /** Content hash of the model's files, as in the registry it comes from. */
  readonly hash: string;
  /** SHA-256 of each of the model's files. */
  readonly files: Readonly<Record<string, string>>;
  readonly facts: VersionFacts;
}

/** What a line of models may be called; it becomes a folder's name. */
export const LINE_NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** What a model's file may be called, so that it can leave for any other machine. */
export const FILE_NAME = /^[\w-][\w.-]*$/;

const closed = <Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const count = Type.Integer({ minimum: 0 });
const sha = Type.String({ pattern: '^[0-9a-f]{64}$' });
const json = Type.Record(Type.String(), Type.Unsafe<never>(Type.Unknown()));

const Source = closed({
  source: Type.String(),
  rows: count,
  sha256: Type.Record(Type.String(), sha),
  detail: json,
  licence: Type.Union([Type.String(), Type.Null()]),
});

const Evaluation = closed({
  rows: count,
  classes: Type.Array(Type.String()),
  overall: Type.Record(Type.String(), Type.Number()),
  perClass: Type.Array(
    closed({ precision: Type.Number(), recall: Type.Number(), f1: Type.Number(), support: Type.Number() }),
  ),
  confusion: Type.Array(Type.Number()),
});

const Facts = closed({
  made: closed({
    run: Type.Integer({ minimum: 1 }),
    uid: Type.String(),
    gitCommit: Type.Union([Type.String(), Type.Null()]),
    isDirty: Type.Boolean(),
  }),
  at: count,
  metrics: json,
  evaluation: Type.Union([Evaluation, Type.Null()]),
  data: Type.Array(
    closed({
      stage: Type.String(),
      name: Type.String(),
      hash: sha,
      rows: Type.Union([count, Type.Null()]),
      sources: Type.Array(Source),
    }),
  ),
  labels: count,
  lineage: Type.Array(closed({ stage: Type.String(), what: Type.String(), name: Type.String(), hash: sha })),
});

const Schema = closed({
  format: Type.Literal('mlloop-export-1'),
  line: Type.String({ pattern: LINE_NAME.source }),
  version: Type.Integer({ minimum: 1 }),
  hash: sha,
  files: Type.Record(Type.String({ pattern: FILE_NAME.source }), sha, { additionalProperties: false }),
  facts: Facts,
});

/** Reads the text of an exported version.json; the failure says what is wrong with it. */
export function parseExportFile(text: string): Result<ExportFile, string> {
  return parseFormat(text, { name: 'version.json', format: 'mlloop-export-1', schema: Schema });
}
