import { orRaise } from '../lib/domain/raised.ts';
import { writeEntry } from '../lib/runlog/ledger.ts';
import { openRunLog } from '../lib/runlog/open.ts';
import { packedProbabilities } from '../lib/runlog/probabilities.ts';
import { insertVersion } from '../lib/runlog/registry.ts';
import { insertRetrainDecision } from '../lib/runlog/retrain.ts';
import { sha256 } from '../lib/util/hash.ts';

const HOUR_MS = 3_600_000;
const PROBABILITIES = packedProbabilities([0.9, ...Array.from({ length: 9 }, () => 0.0111)]);
const INPUT = new Uint8Array(784);

export interface LiveFill {
  readonly predictions: number;
  /** How many of them are labelled, one in so many of them wrong. */
  readonly labels: number;
  /** Labels that no run has learned from. */
  readonly newLabels: number;
}

/** A champion with answers, of which some are labelled, all judged and most of the labels learned from; no rule asks for a model. */
export function fillLive(file: string, { predictions, labels, newLabels }: LiveFill): void {
  const log = orRaise(openRunLog(file));
  const now = Date.now();
  const attempt = log.prepare('SELECT max(id) FROM attempt').pluck().get() as number;
  const line = 'digits';
  const decision = { verdict: 'retrain', reason: 'age', triggers: [], brakes: [] } as const;
  log.atomically(() => {
    const version = { line, version: 1, hash: sha256('model'), folder: 'artifacts/models/digits/v1', metrics: {} };
    insertVersion(log, { ...version, from: { attempt }, at: now - 48 * HOUR_MS });
    const entry = { line, alias: 'champion', kind: 'deploy', from: null, to: 1, reason: 'better' } as const;
    writeEntry(log, { ...entry, by: { attempt }, at: now - 48 * HOUR_MS });
  });
  const insert =
    log.prepare(`INSERT INTO prediction (id, line, version, simulated, source, predicted, probabilities, at)
    VALUES (?, 'digits', 1, 0, 'serve', ?, ?, ?)`);
  const insertInput = log.prepare('INSERT INTO prediction_input (prediction, input) VALUES (?, ?)');
  const insertLabel = log.prepare("INSERT INTO label (prediction, label, source, at) VALUES (?, ?, 'serve', ?)");
  const every = Math.floor(predictions / labels);
  let given = 0;
  for (let from = 0; from < predictions; from += 50_000) {
    log.atomically(() => {
      for (let at = from; at < Math.min(from + 50_000, predictions); at++) {
        const id = `0199a3${at.toString(16).padStart(10, '0')}-7000-8000-${sha256(String(at)).slice(0, 12)}`;
        const { lastInsertRowid } = insert.run(id, at % 10, PROBABILITIES, now - 47 * HOUR_MS + at);
        if (at % every !== 0 || given >= labels) continue;
        given += 1;
        insertInput.run(lastInsertRowid, INPUT);
        insertLabel.run(id, given % 50 === 0 ? (at + 1) % 10 : at % 10, now - 40 * HOUR_MS + given);
      }
    });
  }
  log.atomically(() => {
    const made = `INSERT INTO drift_window (attempt, line, version, simulated, digest, sample_rows, last_prediction, last_label, level,
      verdict, note, at) VALUES (?, 'digits', 1, 0, ?, 1000, ?, NULL, 0.01, 'no_drift', '', ?)`;
    for (const digest of ['a', 'b', 'c']) log.prepare(made).run(attempt, digest, predictions, now);
  });
  const cut = { line, simulated: false, lastLabel: labels - newLabels };
  const id = insertRetrainDecision(log, {
    line,
    asked: 'if_needed',
    actor: 'me',
    profile: undefined,
    decision,
    cut,
    at: now - 30 * HOUR_MS,
  });
  const run = log.prepare('SELECT max(id) FROM run').pluck().get();
  log.prepare('UPDATE retrain_decision SET run = ? WHERE id = ?').run(run, id);
  log.close();
}
