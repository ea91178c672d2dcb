// A million labels of predictions that are on record: rows a second, whether memory grows with them, and how long others wait.
// Usage: npm run bench -- feedback [ROWS]
import { spawn } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { importLib, machine, median, table } from './measure.mjs';
import { program, timed, used, withFolder } from './timing.mjs';

const ROUNDS = 3;

/** The log as it was before the import. */
function reset(folder) {
  for (const name of ['runs.db', 'runs.db-wal', 'runs.db-shm']) rmSync(join(folder, name), { force: true });
  copyFileSync(join(folder, 'before.db'), join(folder, 'runs.db'));
}

function measure(folder, file, rows) {
  const args = ['feedback', 'import', file];
  const took = Array.from({ length: ROUNDS }, () => {
    reset(folder);
    const { ms, stderr } = timed(process.execPath, [program, ...args], folder);
    if (!stderr.startsWith(`Imported ${rows} new labels`)) throw new Error(stderr);
    return ms;
  });
  reset(folder);
  const { cpuMs, megabytes } = used([program, ...args], folder);
  const again = timed(process.execPath, [program, ...args], folder).ms;
  return { ms: median(took), cpuMs, megabytes, againMs: again };
}

/** The longest that a writer waits who wants a row on the disk every twentieth of a second while a file is imported, in milliseconds. */
async function longestWait(folder, file) {
  reset(folder);
  const log = new Database(join(folder, 'runs.db'), { timeout: 60_000 });
  log.pragma('synchronous = FULL');
  const insert = log.prepare(
    "INSERT INTO unmatched_label (prediction, label, source, at) VALUES ('nobody', '', 'bench', 0)",
  );
  let isOver = false;
  let longest = 0;
  const started = spawn(process.execPath, [program, 'feedback', 'import', file], { cwd: folder, stdio: 'ignore' });
  started.on('exit', () => {
    isOver = true;
  });
  while (!isOver) {
    const start = performance.now();
    log.transaction(() => insert.run()).immediate();
    longest = Math.max(longest, performance.now() - start);
    await setTimeout(50);
  }
  log.close();
  return longest;
}

export async function bench([count]) {
  const rows = Number(count ?? 1_000_000);
  const { module } = await importLib('fill-feedback.ts');
  const results = {};
  for (const size of [rows / 10, rows]) {
    await withFolder({}, async (folder) => {
      await module.fillFeedback(folder, size);
      for (const file of ['labels.csv', 'shuffled.csv', 'labels.jsonl']) {
        const measured = measure(folder, file, size);
        results[`${file}, ${size} rows`] = { rows: size, ...measured, waitMs: await longestWait(folder, file) };
      }
    });
  }
  console.log(`feedback import, medians of ${ROUNDS}, ${machine()}`);
  const lines = Object.entries(results).map(([name, { rows: size, ms, cpuMs, megabytes, againMs, waitMs }]) => [
    name,
    `${(ms / 1000).toFixed(2)} s`,
    `${Math.round((size / ms) * 1000)} rows/s`,
    `${Math.round((size / cpuMs) * 1000)} rows/s of CPU time`,
    `${megabytes.toFixed(0)} MB`,
    `${(againMs / 1000).toFixed(2)} s`,
    `${waitMs.toFixed(0)} ms`,
  ]);
  console.log(table([['what', 'took', 'speed', 'CPU alone', 'peak memory', 'a second time', 'others wait'], ...lines]));
  console.log('target: 1,000,000 rows at 100,000 rows a second or more, memory that does not grow with them');
  console.log(JSON.stringify({ bench: 'feedback', rounds: ROUNDS, results }));
}
