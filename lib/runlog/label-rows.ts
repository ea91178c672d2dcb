import type { RunLog } from './open.ts';

/** A class of a registered version. */
export interface NamedClass {
  readonly line: string;
  readonly version: number;
  readonly name: string;
  /** Its place among the model's outputs. */
  readonly number: number;
}

/** A label as it came, to be put on record. */
export interface LabelRow {
  readonly id: string;
  /** A class name. */
  readonly label: string;
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Puts labels on record that came as rows of a file, many in a statement. */
export interface LabelRows {
  /**
   * Adds labels of predictions that are known, each id once, and gives how many. Left out is one that says what counts already, and
   * one that says otherwise than a label this file has given; of labels with times of their own (`timed`) one that is not younger
   * than what counts.
   */
  add(rows: readonly LabelRow[], timed: boolean): number;
  /** Ids of what the last `add` put on record. */
  added(): ReadonlySet<string>;
  /** Adds a label that is older than the one that counts: it is kept, and does not count. False where it is on record. */
  addOlder(row: Omit<LabelRow, 'label'> & { readonly label: number }): boolean;
  /** The label that counts for a prediction, and whether this file gave it, now or before. */
  last(id: string): { readonly label: number; readonly isOwn: boolean } | undefined;
  /** Lines of models that were given labels. */
  lines(): string[];
}

const ROWS = `FROM json_each(:rows) AS row CROSS JOIN prediction AS asked ON asked.id = row.value ->> 0
  JOIN temp.named_class AS class ON class.line = asked.line AND class.version = asked.version AND class.name = row.value ->> 1
  LEFT JOIN label AS last ON last.id = (SELECT max(id) FROM label WHERE label.prediction = asked.id)
  WHERE asked.simulated = 0`;

const INSERT = `INSERT INTO label (prediction, label, source, at)
  SELECT asked.id, class.number, row.value ->> 2, row.value ->> 3`;

export interface LabelImport {
  readonly classes: readonly NamedClass[];
  /** The source of labels that name none: no other file has it, so that one that came before is known for this one. */
  readonly source: string;
}

/** Makes the classes known to SQLite, and prepares what is asked of the rows. Call `dropClasses` afterwards. */
export function labelRows(log: RunLog, { classes, source }: LabelImport): LabelRows {
  const { database } = log;
  database.exec(`CREATE TEMP TABLE named_class (line TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL,
    number INTEGER NOT NULL, PRIMARY KEY (line, version, name)) STRICT, WITHOUT ROWID`);
  const insert = database.prepare('INSERT OR IGNORE INTO temp.named_class VALUES (?, ?, ?, ?)');
  for (const { line, version, name, number } of classes) insert.run(line, version, name, number);
  const newest = database.prepare('SELECT coalesce(max(id), 0) FROM label').pluck();
  const first = newest.get() as number;
  const add = database.prepare(
    `${INSERT} ${ROWS} AND last.label IS NOT class.number AND (last.id IS NULL OR (last.id <= ${first} AND last.source <> :source))`,
  );
  const addTimed = database.prepare(`${INSERT} ${ROWS} AND (last.id IS NULL
    OR (row.value ->> 3, row.value ->> 2, class.number) > (last.at, last.source, last.label))`);
  const addOlder = database.prepare(`INSERT INTO label (id, prediction, label, source, at)
    SELECT (SELECT min(0, coalesce(min(id), 0)) - 1 FROM label), :id, :label, :source, :at
    WHERE NOT EXISTS (SELECT 1 FROM label AS same WHERE same.prediction = :id AND same.label = :label
      AND same.source = :source AND same.at = :at)`);
  const last = database.prepare('SELECT label, id, source FROM label WHERE prediction = ? ORDER BY id DESC LIMIT 1');
  const since = database.prepare('SELECT prediction FROM label WHERE id > ?').pluck();
  const lines = [...new Set(classes.map(({ line }) => line))];
  let before = first;
  return {
    add: (rows, timed) => {
      before = newest.get() as number;
      const json = JSON.stringify(rows.map(({ id, label, source, at }) => [id, label, source, at]));
      return timed ? addTimed.run({ rows: json }).changes : add.run({ rows: json, source }).changes;
    },
    added: () => new Set(since.all(before) as string[]),
    addOlder: (row) => addOlder.run({ ...row }).changes > 0,
    last: (id) => {
      const row = last.get(id) as { readonly label: number; readonly id: number; readonly source: string } | undefined;
      return row === undefined ? undefined : { label: row.label, isOwn: row.id > first || row.source === source };
    },
    lines: () => {
      if (lines.length === 1) return newest.get() === first ? [] : lines;
      return database
        .prepare('SELECT DISTINCT line FROM prediction WHERE id IN (SELECT prediction FROM label WHERE id > ?)')
        .pluck()
        .all(first) as string[];
    },
  };
}

export const dropClasses = (log: RunLog): void => void log.database.exec('DROP TABLE IF EXISTS temp.named_class');

/** A row of a feedback file that could not be taken. */
export interface QuarantinedRow {
  /** SHA-256 of the file. */
  readonly file: string;
  readonly line: number;
  readonly reason: string;
  /** How the row begins. */
  readonly text: string;
  readonly source: string;
  readonly at: number;
}

/** Keeps a row that could not be taken; one of the same file and line that is kept already stays. */
export function quarantine(log: RunLog, { file, line, reason, text, source, at }: QuarantinedRow): void {
  log
    .prepare(`INSERT INTO quarantined_feedback (file, line, reason, text, source, at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING`)
    .run(file, line, reason, text, source, at);
}

/** What is kept of rows that could not be taken, in the order of their files and lines. */
export const quarantinedRows = (log: RunLog): QuarantinedRow[] =>
  log.prepare('SELECT * FROM quarantined_feedback ORDER BY at, file, line').all() as QuarantinedRow[];

/** Lets go of all of them, and says how many there were. */
export const clearQuarantine = (log: RunLog): number => log.prepare('DELETE FROM quarantined_feedback').run().changes;
