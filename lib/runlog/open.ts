import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import Database from 'better-sqlite3';
import { type Failure, failure } from '../domain/failure.ts';
import { syncPath, temporaryBeside } from '../util/fs-atomic.ts';
import { makeFolders } from '../util/make-folders.ts';
import { err, ok, type Result } from '../util/result.ts';
import { firstSchema } from './migrations/0001-first.ts';
import { restoreSchema } from './migrations/0002-restore.ts';
import { cellsSchema } from './migrations/0003-cells.ts';
import { keepSchema } from './migrations/0004-keep.ts';
import { registrySchema } from './migrations/0005-registry.ts';
import { gatesSchema } from './migrations/0006-gates.ts';
import { liveSchema } from './migrations/0007-live.ts';
import { lineageSchema } from './migrations/0008-lineage.ts';
import { driftSchema } from './migrations/0009-drift.ts';
import { exchangeSchema } from './migrations/0010-exchange.ts';
import { retrainSchema } from './migrations/0011-retrain.ts';
import { feedbackOutcomeSchema } from './migrations/0012-feedback-outcome.ts';
import { packedAnswersFunctions, packedAnswersSchema } from './migrations/0013-packed-answers.ts';
import { pastAnswersSchema } from './migrations/0014-past-answers.ts';

/** In order; `user_version` says how many have been applied. A landed one is never edited. */
export const MIGRATIONS: readonly string[] = [
  firstSchema,
  restoreSchema,
  cellsSchema,
  keepSchema,
  registrySchema,
  gatesSchema,
  liveSchema,
  lineageSchema,
  driftSchema,
  exchangeSchema,
  retrainSchema,
  feedbackOutcomeSchema,
  packedAnswersSchema,
  pastAnswersSchema,
];

/** How long a writer waits for another one before it gives up, in milliseconds. */
const BUSY_TIMEOUT_MS = 30_000;

/** An open runs.db. Every statement over it is in this folder. */
export interface RunLog {
  readonly file: string;
  readonly database: Database.Database;
  /** Prepared once for each text. */
  prepare(sql: string): Database.Statement;
  /** Runs `work` in one immediate transaction: all of it is kept, or nothing. */
  atomically<T>(work: () => T): T;
  /** Runs `work` on one state of the log, whatever others write meanwhile. */
  reading<T>(work: () => T): T;
  /**
   * What is written from now on may be lost in a power cut, though never half: for what could be found out again. It stays in
   * the write-ahead log when this log is closed, so that nobody waits for the disk.
   */
  relax(): void;
  close(): void;
}

/** How long an opening that met another one waits before it is tried again, in milliseconds. */
const BETWEEN_OPENINGS_MS = 10;

/** Opens (and where it is missing makes) the log, and brings its schema up to date. */
export function openRunLog(file: string): Result<RunLog, Failure> {
  const lastTryMs = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      makeFolders(dirname(file));
      return openOnce(file);
    } catch (error) {
      // SQLite does not wait while another process turns the write-ahead log on, or takes it away behind itself.
      if (isBusy(error) && performance.now() < lastTryMs) {
        waitFor(BETWEEN_OPENINGS_MS);
        continue;
      }
      if (isBusy(error)) return err(failure('RUNLOG_BUSY', { folder: dirname(file) }));
      const problem = error instanceof Error ? error.message : String(error);
      return err(
        isUnwritable(error)
          ? failure('STATE_WRITE', { folder: dirname(file), problem: `${problem} (${basename(file)})` })
          : failure('RUNLOG_UNREADABLE', { file, problem }),
      );
    }
  }
}

const codeOf = (error: unknown): string => String((error as { readonly code?: unknown } | null)?.code ?? '');

const isBusy = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY');

/** SQLite needs files of its own beside the log even to read it. */
const isUnwritable = (error: unknown): boolean => /^(SQLITE_(CANTOPEN|READONLY)|EROFS|EACCES)/.test(codeOf(error));

const waitFor = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function openOnce(file: string): Result<RunLog, Failure> {
  const database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    // A page that is made anew would keep a copy of what it held, out of reach of whoever wants it forgotten later.
    database.pragma('secure_delete = FAST');
    const seen = versionOf(database);
    if (seen > MIGRATIONS.length) {
      database.close();
      return err(failure('RUNLOG_NEWER', { file, seen, known: MIGRATIONS.length }));
    }
    if (seen < MIGRATIONS.length) migrate(database, file);
    database.pragma('foreign_keys = ON');
    return ok(createRunLog(file, database));
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The same for those who only read: a missing log is `undefined`, not made. */
export function openExistingRunLog(file: string): Result<RunLog | undefined, Failure> {
  return existsSync(file) ? openRunLog(file) : ok(undefined);
}

/** A log opened by somebody who must not change anything, and its schema's version. */
export interface InspectedLog {
  readonly log: RunLog;
  readonly version: number;
}

/** Opens the log as it is: nothing is migrated, nothing can be written, no file is left beside it. */
export function openToInspect(file: string): Result<InspectedLog, Failure> {
  let database: Database.Database | undefined;
  try {
    // Whoever only reads leaves the files of the write-ahead log behind, and whoever may write folds them in: so neither.
    const readonly = existsSync(`${file}-wal`);
    database = new Database(file, { readonly, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    database.pragma('query_only = ON');
    return ok({ log: createRunLog(file, database), version: versionOf(database) });
  } catch (error) {
    database?.close();
    const problem = error instanceof Error ? error.message : String(error);
    return err(failure('RUNLOG_UNREADABLE', { file, problem }));
  }
}

function versionOf(database: Database.Database): number {
  const version = database.pragma('user_version', { simple: true });
  return typeof version === 'number' ? version : 0;
}

function migrate(database: Database.Database, file: string): void {
  if (versionOf(database) > 0) backUp(database, `${file}.before-v${MIGRATIONS.length}`);
  for (const [name, call] of Object.entries(packedAnswersFunctions)) database.function(name, call);
  // A table that is made anew is gone for a moment, and what points at it would stop that.
  database.pragma('foreign_keys = OFF');
  // Nor may a table that is made anew leave its old pages as they were.
  database.pragma('secure_delete = ON');
  database
    .transaction(() => {
      // Read again inside the transaction: another process may have migrated while this one waited for the lock.
      const from = versionOf(database);
      const dangling = danglingRows(database);
      for (const migration of MIGRATIONS.slice(from)) database.exec(migration);
      if (danglingRows(database) > dangling)
        throw new Error('the migration left rows that speak of rows that are gone');
      database.pragma(`user_version = ${MIGRATIONS.length}`);
    })
    .immediate();
  database.pragma('secure_delete = FAST');
}

const danglingRows = (database: Database.Database): number =>
  (database.pragma('foreign_key_check') as readonly unknown[]).length;

/** A copy of the file would lack what only the write-ahead log holds yet. */
function backUp(database: Database.Database, target: string): void {
  const temporary = temporaryBeside(target);
  try {
    database.prepare('VACUUM INTO ?').run(temporary);
    const copy = new Database(temporary, { readonly: true });
    const version = versionOf(copy);
    copy.close();
    // Another process may have migrated meanwhile, and has kept how it was before that.
    if (version === MIGRATIONS.length) return;
    syncPath(temporary);
    renameSync(temporary, target);
    syncPath(dirname(target));
  } finally {
    // Half a copy on a full disk would be in the way of the next try, and hold inputs that nobody knows of.
    rmSync(temporary, { force: true });
  }
}

function createRunLog(file: string, database: Database.Database): RunLog {
  const statements = new Map<string, Database.Statement>();
  let isRelaxed = false;
  return {
    file,
    database,
    prepare: (sql) => {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      const made = database.prepare(sql);
      statements.set(sql, made);
      return made;
    },
    atomically: (work) => database.transaction(work).immediate(),
    reading: (work) => database.transaction(work).deferred(),
    relax: () => {
      database.pragma('synchronous = NORMAL');
      isRelaxed = true;
    },
    close: () => {
      // Whoever closes last moves the write-ahead log into the file, which a reader cannot.
      const last = isRelaxed ? new Database(file, { readonly: true, timeout: BUSY_TIMEOUT_MS }) : undefined;
      last?.prepare('SELECT id FROM run LIMIT 1').get();
      database.close();
      last?.close();
    },
  };
}
