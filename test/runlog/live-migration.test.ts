import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { orRaise } from '../../lib/domain/raised.ts';
import { acceptedRows, labelledPredictions } from '../../lib/runlog/feedback.ts';
import { integrityFaults } from '../../lib/runlog/inspect.ts';
import { liveSchema } from '../../lib/runlog/migrations/0007-live.ts';
import { MIGRATIONS, openRunLog } from '../../lib/runlog/open.ts';
import { insertLabel, insertPredictions } from '../../lib/runlog/predictions.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';

const path = temporaryFolder();
const BEFORE = MIGRATIONS.indexOf(liveSchema);

/** A log from before the live side, as an older program left it. */
function oldLog(): void {
  const old = new Database(path('runs.db'));
  old.pragma('journal_mode = WAL');
  for (const migration of MIGRATIONS.slice(0, BEFORE)) old.exec(migration);
  old.pragma(`user_version = ${BEFORE}`);
  old.exec(`
    INSERT INTO run (id, uid, round, trigger, verb, pipeline, overrides, seed, host, pid, versions, status, started_at)
      VALUES (1, 'u', 0, 'manual', 'run', 'digits', '{}', 1, 'h', 1, '{}', 'succeeded', 0);
    INSERT INTO attempt (id, run, stage, number, status, why, started_at) VALUES (1, 1, 'deploy', 1, 'succeeded', '', 0);
    INSERT INTO model_version (line, version, hash, folder, metrics, attempt, created_at)
      VALUES ('digits', 1, printf('%064d', 1), 'f', '{}', 1, 0);
    INSERT INTO prediction VALUES
      ('late', 'digits', 1, 0, 'predict', x'0203', 1, '[0.1,0.9]', 20),
      ('early', 'digits', 1, 0, 'predict', x'0001', 0, '[0.9,0.1]', 10);
    INSERT INTO label (id, prediction, label, source, at) VALUES (4, 'late', 1, 'import', 30), (7, 'early', 1, 'import', 40);
    INSERT INTO accepted_feedback (line, simulated, last_label, attempt, at) VALUES ('digits', 0, 7, 1, 50);`);
  old.close();
}

test('a log from before the live side keeps every prediction, input and label, and goes on', () => {
  oldLog();
  const log = orRaise(openRunLog(path('runs.db')));
  expect(integrityFaults(log)).toEqual([]);
  expect(log.prepare('SELECT number, id, at FROM prediction ORDER BY number').all()).toEqual([
    { number: 1, id: 'early', at: 10 },
    { number: 2, id: 'late', at: 20 },
  ]);
  expect(log.prepare('SELECT probabilities FROM prediction ORDER BY number').pluck().all()).toEqual(
    [Float32Array.of(0.9, 0.1), Float32Array.of(0.1, 0.9)].map(({ buffer }) => Buffer.from(buffer)),
  );
  expect(acceptedRows(log, { line: 'digits', simulated: false, lastLabel: 7 })).toEqual([
    { labelId: 4, line: 'digits', label: 1, simulated: false, input: Uint8Array.of(2, 3) },
    { labelId: 7, line: 'digits', label: 1, simulated: false, input: Uint8Array.of(0, 1) },
  ]);
  const batch = { line: 'digits', version: 1, simulated: false, source: 'serve', at: 60 };
  log.atomically(() => {
    insertPredictions(log, batch, [{ predictionId: 'new', input: null, predicted: 0, probabilities: [1, 0] }]);
    insertLabel(log, { prediction: 'new', label: 0, source: 'serve', at: 61 });
  });
  expect(labelledPredictions(log, 'digits', 1).map(({ labelId, predictionId }) => [labelId, predictionId])).toEqual([
    [4, 'late'],
    [7, 'early'],
    [8, 'new'],
  ]);
  expect(() => log.database.exec("DELETE FROM prediction WHERE id = 'late'")).toThrow(/FOREIGN KEY/);
  log.close();
});
