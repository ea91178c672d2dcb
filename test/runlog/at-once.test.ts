import { existsSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { firstSchema } from '../../lib/runlog/migrations/0001-first.ts';
import { MIGRATIONS } from '../../lib/runlog/open.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { buildScript, lineUp, WAIT } from '../rig/script.ts';

const path = temporaryFolder();

/** Opens the log, and writes as many runs into it as it is told, each in a transaction of its own, or in an opening of its own. */
const script = buildScript(
  'open-and-write',
  `import { openRunLog } from '#lib/runlog/open.ts';
import { insertRun, nextRun } from '#lib/runlog/runs.ts';
${WAIT}
const [file, runs, how] = process.argv.slice(2);
const open = () => {
  const opened = openRunLog(file);
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  return opened.value;
};
let log = open();
for (let count = 0; count < Number(runs); count++) {
  log.atomically(() =>
    insertRun(log, nextRun(log), {
      parent: undefined, round: 0, trigger: 'manual', verb: 'run', pipeline: 'p', profile: undefined, overrides: {},
      seed: 1, git: undefined, host: 'h', pid: process.pid, versions: {}, params: { a: { b: count } }, startedAt: count,
      pipelineText: 'name: p',
    }),
  );
  if (how !== 'reopening') continue;
  if (count % 3 === 0) log.relax();
  log.close();
  log = open();
}
log.close();
`,
);
afterAll(() => rmSync(script));

const EIGHT = Array.from({ length: 8 }, (_, at) => at);

async function eightWriters(file: string, runs: number, how = 'at once'): Promise<void> {
  const starters = await lineUp(
    script,
    EIGHT.map(() => [file, String(runs), how]),
  );
  const ends = await starters.go();
  expect(ends.map(({ status, stderr }) => ({ status, stderr }))).toEqual(EIGHT.map(() => ({ status: 0, stderr: '' })));
}

function look<T>(file: string, read: (database: Database.Database) => T): T {
  const database = new Database(file, { readonly: true });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

const countRuns = (file: string): unknown =>
  look(file, (database) => database.prepare('SELECT count(*) AS n, max(id) AS last FROM run').get());

describe('eight processes at once', () => {
  test.each([1, 2, 3])('make one log between them, and lose nothing (round %i)', async () => {
    await eightWriters(path('runs.db'), 5);
    expect(countRuns(path('runs.db'))).toEqual({ n: 40, last: 40 });
  });

  test('write the log that is there, and lose nothing', async () => {
    await eightWriters(path('runs.db'), 0);
    await eightWriters(path('runs.db'), 40);
    expect(countRuns(path('runs.db'))).toEqual({ n: 320, last: 320 });
    expect(look(path('runs.db'), (database) => database.pragma('integrity_check', { simple: true }))).toBe('ok');
  });

  test('open it, write and close it again and again, and meet no lock', async () => {
    await eightWriters(path('runs.db'), 25, 'reopening');
    expect(countRuns(path('runs.db'))).toEqual({ n: 200, last: 200 });
  });

  test.each([1, 2, 3])('bring an old log up to date once, and keep how it was (round %i)', async () => {
    const old = new Database(path('runs.db'));
    old.pragma('journal_mode = WAL');
    old.exec(firstSchema);
    old.pragma('user_version = 1');
    old.exec(`INSERT INTO run (uid, round, trigger, verb, pipeline, overrides, seed, host, pid, versions, status, started_at)
      VALUES ('u', 0, 'manual', 'run', 'digits', '{}', 1, 'h', 1, '{}', 'succeeded', 0)`);
    old.close();
    await eightWriters(path('runs.db'), 2);
    expect(countRuns(path('runs.db'))).toEqual({ n: 17, last: 17 });
    const backup = path(`runs.db.before-v${MIGRATIONS.length}`);
    expect(existsSync(backup)).toBe(true);
    expect(look(backup, (database) => database.pragma('user_version', { simple: true }))).toBe(1);
    expect(countRuns(backup)).toEqual({ n: 1, last: 1 });
  });
});
