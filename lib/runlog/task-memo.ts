import { canonicalJson, type Json } from '../util/json.ts';
import type { RunLog } from './open.ts';

/** The remembered value of every key, in their order; null where there is none. */
export function recallTasks(log: RunLog, keys: readonly string[]): (Json | null)[] {
  const select = log.prepare('SELECT value FROM task_memo WHERE key = ?');
  return keys.map((key) => {
    const row = select.get(key) as { readonly value: string } | undefined;
    return row === undefined ? null : (JSON.parse(row.value) as Json);
  });
}

export interface TaskMemory {
  readonly key: string;
  readonly task: string;
  readonly value: Json;
  readonly attempt: number;
  readonly at: number;
}

/** Remembers a value; one that is there already stays. */
export function rememberTask(log: RunLog, { key, task, value, attempt, at }: TaskMemory): void {
  log
    .prepare(
      'INSERT INTO task_memo (key, task, value, attempt, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING',
    )
    .run(key, task, canonicalJson(value), attempt, at);
}

/** Lets go of what an attempt has remembered: what it read may have been another thing than its key says. */
export const forgetTasks = (log: RunLog, attempt: number): void =>
  void log.prepare('DELETE FROM task_memo WHERE attempt = ?').run(attempt);
