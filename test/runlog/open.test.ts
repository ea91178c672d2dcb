import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { formatFailure } from '../../lib/domain/failure.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import { firstSchema } from '../../lib/runlog/migrations/0001-first.ts';
import { MIGRATIONS, openExistingRunLog, openRunLog } from '../../lib/runlog/open.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';

const path = temporaryFolder();

const message = (): string => {
  const opened = openRunLog(path('runs.db'));
  return opened.ok ? 'opened' : formatFailure(opened.failure).replaceAll(path(), 'DIR');
};

describe('the log', () => {
  test('is made where it is missing, and found the next time', () => {
    orRaise(openRunLog(path('deep', 'runs.db'))).close();
    const again = orRaise(openRunLog(path('deep', 'runs.db')));
    expect(again.database.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    expect(again.database.pragma('journal_mode', { simple: true })).toBe('wal');
    again.close();
  });

  test('is not made by those who only read', () => {
    expect(openExistingRunLog(path('runs.db'))).toEqual({ ok: true, value: undefined });
    expect(existsSync(path('runs.db'))).toBe(false);
  });

  test('of schema version 1 is brought up to date, with a copy of how it was', () => {
    const old = new Database(path('runs.db'));
    old.pragma('journal_mode = WAL');
    old.exec(firstSchema);
    old.pragma('user_version = 1');
    old.exec(`INSERT INTO run (uid, round, trigger, verb, pipeline, overrides, seed, host, pid, versions, status, started_at)
      VALUES ('u', 0, 'manual', 'run', 'digits', '{}', 1, 'h', 1, '{}', 'succeeded', 0)`);
    // Left open, so that the row is in the write-ahead log alone.
    const log = orRaise(openRunLog(path('runs.db')));
    expect(log.prepare('SELECT uid, pipeline_text FROM run').all()).toEqual([{ uid: 'u', pipeline_text: null }]);
    expect(log.database.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    log.close();
    old.close();
    const backup = new Database(path(`runs.db.before-v${MIGRATIONS.length}`));
    expect(backup.pragma('user_version', { simple: true })).toBe(1);
    expect(backup.prepare('SELECT uid FROM run').all()).toEqual([{ uid: 'u' }]);
    backup.close();
  });

  test('of schema version 4 keeps its versions, aliases, predictions and ledger', () => {
    const old = new Database(path('runs.db'));
    for (const migration of MIGRATIONS.slice(0, 4)) old.exec(migration);
    old.pragma('user_version = 4');
    old.exec(`INSERT INTO run (id, uid, round, trigger, verb, pipeline, overrides, seed, host, pid, versions, status, started_at)
        VALUES (1, 'u', 0, 'manual', 'run', 'digits', '{}', 1, 'h', 1, '{}', 'succeeded', 0);
      INSERT INTO attempt (id, run, stage, number, status, why, started_at) VALUES (1, 1, 's', 1, 'succeeded', 'w', 0);
      INSERT INTO model_version VALUES (1, 'digits', 1, printf('%064d', 1), 'f', '{}', 1, 5);
      INSERT INTO alias VALUES ('digits', 'champion', 1);
      INSERT INTO deployment VALUES (7, 'digits', 'champion', NULL, 1, 'passed', 1, 5);
      INSERT INTO prediction VALUES ('p', 'digits', 1, 0, 'predict', x'00', 1, '[]', 6);`);
    old.close();
    const log = orRaise(openRunLog(path('runs.db')));
    expect(log.database.pragma('foreign_key_check')).toEqual([]);
    expect(log.database.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(log.prepare('SELECT line, version, run, aliases, imported FROM v_models').all()).toEqual([
      { line: 'digits', version: 1, run: 1, aliases: 'champion', imported: 0 },
    ]);
    expect(log.prepare('SELECT id, kind, to_version, run, actor FROM v_deployments').all()).toEqual([
      { id: 7, kind: 'deploy', to_version: 1, run: 1, actor: null },
    ]);
    log.database.exec(
      "INSERT INTO deployment (line, alias, kind, to_version, reason, attempt, at) VALUES ('digits', 'a', 'deploy', 1, '', 1, 0)",
    );
    expect(log.prepare('SELECT max(id) AS last FROM deployment').get()).toEqual({ last: 8 });
    expect(() => log.database.exec("INSERT INTO alias VALUES ('digits', 'other', 9)")).toThrow(/FOREIGN KEY/);
    log.close();
  });

  test('of schema version 11 takes in the feedback that runs have passed with, and keeps the decisions of retrain', () => {
    const old = new Database(path('runs.db'));
    for (const migration of MIGRATIONS.slice(0, 11)) old.exec(migration);
    old.pragma('user_version = 11');
    const run =
      old.prepare(`INSERT INTO run (id, uid, round, trigger, verb, pipeline, overrides, seed, host, pid, versions,
      status, started_at, ended_at) VALUES (?, ?, 0, 'manual', 'run', 'digits', '{}', 1, 'h', 1, '{}', ?, 0, 5)`);
    const attempt =
      old.prepare(`INSERT INTO attempt (id, run, stage, number, status, key_parts, origin, why, started_at)
      VALUES (?, ?, ?, 1, ?, ?, ?, 'w', 0)`);
    const reads = '{"reads":{"acceptedFeedback":"d"}}';
    for (const [id, status] of [
      [1, 'succeeded'],
      [2, 'succeeded'],
      [3, 'refused'],
    ] as const)
      run.run(id, `u${id}`, status);
    attempt.run(1, 1, 'iterate', 'succeeded', '{"reads":{}}', null);
    attempt.run(2, 2, 'collect', 'succeeded', reads, null);
    attempt.run(3, 2, 'iterate', 'succeeded', '{"reads":{}}', null);
    attempt.run(4, 3, 'collect', 'succeeded', reads, null);
    old.exec(`INSERT INTO retrain_decision VALUES (5, 'd', 'digits', 'now', 'me', NULL, 'retrain', 'asked for', '[]', '[]', 3, 7);
      INSERT INTO accepted_feedback VALUES (1, 'digits', 0, 10, 1, NULL, 0), (2, 'digits', 0, 20, 3, 5, 0);`);
    old.close();
    const log = orRaise(openRunLog(path('runs.db')));
    expect(log.database.pragma('foreign_key_check')).toEqual([]);
    expect(log.prepare('SELECT * FROM feedback_outcome').all()).toEqual([
      { cut: 1, outcome: 'taken_in', attempt: 3, at: 5 },
    ]);
    expect(log.prepare('SELECT id, verdict, run, status FROM v_retrain').all()).toEqual([
      { id: 5, verdict: 'retrain', run: 3, status: 'refused' },
    ]);
    expect(log.prepare('SELECT count(*) FROM v_model_lineage').pluck().get()).toBe(0);
    log.close();
  });

  test('that is relaxed keeps what is written, and leaves it in the write-ahead log', () => {
    orRaise(openRunLog(path('runs.db'))).close();
    const log = orRaise(openRunLog(path('runs.db')));
    log.relax();
    log.atomically(() => log.database.exec("INSERT INTO pipeline_text VALUES (printf('%064d', 1), 'name: x')"));
    log.close();
    expect(existsSync(path('runs.db-wal'))).toBe(true);
    const again = orRaise(openRunLog(path('runs.db')));
    expect(again.prepare('SELECT text FROM pipeline_text').all()).toEqual([{ text: 'name: x' }]);
    again.close();
    expect(existsSync(path('runs.db-wal'))).toBe(false);
  });

  test('of a newer program is left alone', () => {
    const database = new Database(path('runs.db'));
    database.pragma('user_version = 99');
    database.close();
    expect(message()).toBe(`DIR/runs.db has schema version 99; this program knows versions up to ${MIGRATIONS.length}.
Use the newer mlloop that wrote it, or another folder with --state DIR.`);
  });

  test('that cannot be opened for writing says so', () => {
    mkdirSync(path('runs.db'));
    expect(message()).toBe(`DIR cannot be written to: unable to open database file (runs.db).
Make the folder writable, or name another one with --state DIR.`);
  });

  test('that is no database is left alone', () => {
    writeFileSync(path('runs.db'), 'something else entirely, long enough to be read as a page');
    expect(message()).toBe(`DIR/runs.db cannot be opened: file is not a database.
Put a copy in its place: a backup, or a state that was exported (npx mlloop state import). Without one, what can still be read of it comes out with: sqlite3 DIR/runs.db .recover`);
  });

  test('refuses a state nobody knows, and half of a pair', () => {
    const log = orRaise(openRunLog(path('runs.db')));
    expect(() =>
      log.database.exec("INSERT INTO label (prediction, label, source, at) VALUES ('x', 1, 'y', 0)"),
    ).toThrow(/FOREIGN KEY/);
    expect(() =>
      log.database.exec(`INSERT INTO run (uid, round, trigger, verb, pipeline, overrides, seed, host, pid, versions, status,
        started_at) VALUES ('u', 0, 'manual', 'run', 'p', '{}', 1, 'h', 1, '{}', 'done', 0)`),
    ).toThrow(/CHECK/);
    log.close();
  });

  test('keeps all of a transaction or nothing', () => {
    const log = orRaise(openRunLog(path('runs.db')));
    const insert = (): void => {
      log.database.exec(
        "INSERT INTO artifact (hash, kind, size_bytes, files, created_at) VALUES (printf('%064d', 1), 'json', 1, 1, 0)",
      );
      throw new Error('in the middle');
    };
    expect(() => log.atomically(insert)).toThrow('in the middle');
    expect(log.prepare('SELECT count(*) AS n FROM artifact').get()).toEqual({ n: 0 });
    log.close();
  });
});
