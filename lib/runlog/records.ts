import type { MetricRecord, StageRecord } from '../domain/records.ts';
import { assertNever } from '../util/assert-never.ts';
import { canonicalJson, type Json } from '../util/json.ts';
import type { RunLog } from './open.ts';

/** Writes what a stage put on record as rows of its attempt. The caller holds the transaction. */
export function insertRecords(log: RunLog, attempt: number, records: readonly StageRecord[]): void {
  for (const record of records) insertRecord(log, attempt, record);
}

function insertRecord(log: RunLog, attempt: number, record: StageRecord): void {
  switch (record.kind) {
    case 'metric':
      return insertMetric(log, attempt, record);
    case 'fold': {
      const { trial, fold, status, score, reused, durationMs, cpuMs, peakMemoryBytes, error } = record;
      log
        .prepare(`INSERT INTO fold_result (attempt, trial, fold, status, score, reused, duration_ms, cpu_ms,
          peak_memory_bytes, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
        .run(attempt, trial, fold, status, score, Number(reused), durationMs, cpuMs, peakMemoryBytes, error ?? null);
      return;
    }
    case 'trial': {
      const { trial, params, status, mean, std, rank, winner, reference } = record;
      log
        .prepare(`INSERT INTO trial (attempt, trial, params, status, mean, std, rank, winner, reference)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
        .run(attempt, trial, canonicalJson(params), status, mean, std, rank, Number(winner), Number(reference));
      return;
    }
    case 'gate': {
      const { gate, name, slice, value, low, high, pValue, limit, threshold, rows, verdict, note } = record;
      log
        .prepare(`INSERT INTO gate (attempt, gate, name, slice, value, low, high, p_value, limit_kind, threshold,
          sample_rows, verdict, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
        .run(attempt, gate, name, slice, value, low, high, pValue, limit, threshold, rows, verdict, note);
      return;
    }
    case 'decision': {
      const rules = canonicalJson(record.rules.map((rule) => ({ ...rule }) satisfies Json));
      log
        .prepare('INSERT INTO decision (attempt, verdict, reason, rules) VALUES (?, ?, ?, ?)')
        .run(attempt, record.verdict, record.reason, rules);
      return;
    }
    case 'note':
      log
        .prepare('INSERT INTO note (attempt, title, text, level) VALUES (?, ?, ?, ?)')
        .run(attempt, record.title, record.text, record.level);
      return;
    case 'used':
      log
        .prepare(`INSERT INTO used (attempt, what, value) VALUES (?, ?, ?)
          ON CONFLICT (attempt, what) DO UPDATE SET value = excluded.value`)
        .run(attempt, record.what, canonicalJson(record.value));
      return;
    default:
      assertNever(record);
  }
}

function insertMetric(log: RunLog, attempt: number, metric: MetricRecord): void {
  const { name, value, model, split, step, fold, label } = metric;
  const finite = Number.isFinite(value);
  log
    .prepare(`INSERT INTO metric (attempt, name, value, special, model, split, step, fold, label)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(
      attempt,
      name,
      finite ? value : null,
      finite ? null : specialName(value),
      model ?? null,
      split ?? null,
      step ?? null,
      fold ?? null,
      label ?? null,
    );
}

/** SQLite has no NaN and reads it as NULL, so what is not finite is kept by name. */
const specialName = (value: number): string => (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf');
