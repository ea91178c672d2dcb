import type { RunLog } from '../open.ts';

/**
 * Where rows of a feedback file wait until all of them have been looked at: temporary tables, which no other process sees or waits
 * for. SQLite keeps little of them in memory, and the rest in a file that goes with the connection.
 *
 *   staged_row    rows of the chunk that is being read, none of which has an id that may have come before
 *   checked_row   what became of them, chunk after chunk, within a chunk in the order of the ids
 *   repeated_row  rows whose id may have come before in this file
 *   single_row    labels that are to land one by one
 *   carried       answers that came with their labels
 *   set_aside     rows that cannot be right
 */
const TABLES = `
CREATE TEMP TABLE named_class (line TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL,
  PRIMARY KEY (line, version, name)) STRICT, WITHOUT ROWID;
CREATE TEMP TABLE staged_row (seq INTEGER PRIMARY KEY, number INTEGER NOT NULL, id TEXT NOT NULL, label TEXT NOT NULL,
  source TEXT, at INTEGER, text TEXT) STRICT;
CREATE TEMP TABLE checked_row (place INTEGER PRIMARY KEY, seq INTEGER NOT NULL, id TEXT NOT NULL, label INTEGER, source TEXT,
  at INTEGER, verdict INTEGER NOT NULL, line TEXT) STRICT;
CREATE TEMP TABLE repeated_row (seq INTEGER NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, label TEXT NOT NULL,
  source TEXT, at INTEGER, text TEXT, PRIMARY KEY (id, seq)) STRICT, WITHOUT ROWID;
CREATE TEMP TABLE single_row (seq INTEGER PRIMARY KEY, number INTEGER NOT NULL, id TEXT NOT NULL, label TEXT NOT NULL,
  source TEXT, at INTEGER, text TEXT) STRICT;
CREATE TEMP TABLE carried (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, line TEXT NOT NULL, version INTEGER NOT NULL,
  predicted INTEGER NOT NULL, probabilities TEXT NOT NULL, source TEXT NOT NULL, at INTEGER NOT NULL, input BLOB) STRICT;
CREATE TEMP TABLE set_aside (place INTEGER PRIMARY KEY, number INTEGER NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL) STRICT;
`;

/** What SQLite says of a row by itself: it can be put on record, it says what counts, or it takes a closer look. */
export const VERDICT = { add: 0, known: 1, look: 2 } as const;

/** Rows that were checked together, and land together. */
export interface Chunk {
  /** Places among the labels of the file. */
  readonly from: number;
  readonly to: number;
  /** Places among the checked rows. */
  readonly first: number;
  readonly last: number;
}

/** A class of a registered version. */
export interface NamedClass {
  readonly line: string;
  readonly version: number;
  readonly name: string;
  /** Its place among the model's outputs. */
  readonly number: number;
}

/** Makes the tables, and makes the classes known to SQLite. Call `dropStage` afterwards. */
export function openStage(log: RunLog, classes: readonly NamedClass[]): void {
  log.database.exec(TABLES);
  const insert = log.database.prepare('INSERT OR IGNORE INTO temp.named_class VALUES (?, ?, ?, ?)');
  for (const { line, version, name, number } of classes) insert.run(line, version, name, number);
}

export function dropStage({ database }: RunLog): void {
  const names = [...TABLES.matchAll(/TEMP TABLE (\w+)/g)].map(([, name]) => name);
  database.exec(names.map((name) => `DROP TABLE IF EXISTS temp.${name};`).join('\n'));
}
