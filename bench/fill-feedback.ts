import { closeSync, copyFileSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { orRaise } from '../lib/domain/raised.ts';
import { openRunLog } from '../lib/runlog/open.ts';
import { packedProbabilities } from '../lib/runlog/probabilities.ts';
import { createRng } from '../lib/util/rng.ts';
import { fillRegistry } from './fill-registry.ts';

const CLASSES = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

const PROBABILITIES = packedProbabilities([0.01, 0.01, 0.01, 0.9, 0.01, 0.01, 0.01, 0.01, 0.02, 0.01]);

/** Rows put together before they are written. */
const BLOCK = 10_000;

/** Writes lines, some at a time. */
function writeLines(file: string, head: string, rows: number, line: (at: number) => string): void {
  const handle = openSync(file, 'w');
  let block = head;
  for (let at = 0; at < rows; at++) {
    block += line(at);
    if (at % BLOCK !== BLOCK - 1) continue;
    writeSync(handle, block);
    block = '';
  }
  writeSync(handle, block);
  closeSync(handle);
}

/**
 * A state folder whose log knows so many predictions of one version, as a server leaves them; and files with a label for each:
 * `labels.csv` in the order they were asked, `shuffled.csv` in any, `labels.jsonl` with times of their own.
 */
export async function fillFeedback(state: string, rows: number): Promise<void> {
  await fillRegistry(state, 1);
  const version = join(state, 'artifacts', 'models', 'digits', 'v1');
  mkdirSync(version, { recursive: true });
  writeFileSync(join(version, 'mlloop.json'), JSON.stringify({ format: 'mlloop-model', version: 1, classes: CLASSES }));
  const log = orRaise(openRunLog(join(state, 'runs.db')));
  const ids = Array.from({ length: rows }, (_, at) => v7({ msecs: 1_760_000_000_000 + at * 10 }));
  const insert =
    log.prepare(`INSERT INTO prediction (id, line, version, simulated, source, predicted, probabilities, at)
    VALUES (?, 'digits', 1, 0, 'serve', 3, ?, ?)`);
  log.atomically(() => ids.forEach((id, at) => void insert.run(id, PROBABILITIES, 1_760_000_000_000 + at * 10)));
  log.close();
  copyFileSync(join(state, 'runs.db'), join(state, 'before.db'));
  const head = 'prediction_id,label\n';
  writeLines(join(state, 'labels.csv'), head, rows, (at) => `${ids[at]},${at % 10}\n`);
  const shuffled = createRng(1).shuffle(Uint32Array.from(ids.keys()));
  writeLines(join(state, 'shuffled.csv'), head, rows, (at) => `${ids[shuffled[at] ?? 0]},${at % 10}\n`);
  writeLines(
    join(state, 'labels.jsonl'),
    '',
    rows,
    (at) =>
      `${JSON.stringify({ prediction_id: ids[at], label: String(at % 10), labelled_at: '2025-11-01T12:00:00Z', source: 'serve' })}\n`,
  );
}
