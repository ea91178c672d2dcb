import type { RunLog } from './open.ts';

/** What people call a run of the table `run`: its number, or the name of the log it was made in and its number there. */
export const runNameOf = (run: string): string => `coalesce(${run}.origin || ':' || ${run}.origin_run, ${run}.id)`;

/** A run's number, or for one that was made elsewhere 'ci:41'. */
export type RunName = number | string;

/** What this log is called elsewhere; undefined where nobody has said. */
export const ownName = (log: RunLog): string | undefined =>
  log.prepare('SELECT name FROM log_name').pluck().get() as string | undefined;

export function setOwnName(log: RunLog, name: string): void {
  log
    .prepare(`INSERT INTO log_name (only_one, name) VALUES (1, ?)
      ON CONFLICT (only_one) DO UPDATE SET name = excluded.name WHERE name <> excluded.name`)
    .run(name);
}

/** The shortest beginning of a global id that is looked for. */
const MIN_UID = 4;

/**
 * Ids of the runs somebody may mean: by the number of one of this log's own ('3'), by the log it was made in and its number there
 * ('ci:41'), or by the beginning of its global id.
 */
export function runsCalled(log: RunLog, name: string): number[] {
  const ids = (sql: string, ...values: (string | number)[]): number[] =>
    log
      .prepare(`SELECT id FROM run WHERE ${sql} ORDER BY id`)
      .pluck()
      .all(...values) as number[];
  if (/^\d{1,15}$/.test(name)) return ids('id = ? AND origin IS NULL', Number(name));
  const [, origin = '', number = ''] = /^([a-z][a-z0-9-]*):(\d{1,15})$/.exec(name) ?? [];
  if (number !== '') {
    const own = origin === ownName(log) ? Number(number) : 0;
    return ids('(origin = ? AND origin_run = ?) OR (origin IS NULL AND id = ?)', origin, Number(number), own);
  }
  return /^[0-9a-f-]+$/.test(name) && name.length >= MIN_UID ? ids("uid GLOB ? || '*'", name) : [];
}

/** What a run is called. */
export const runName = (log: RunLog, id: number): RunName =>
  log
    .prepare(`SELECT ${runNameOf('run')} FROM run WHERE id = ?`)
    .pluck()
    .get(id) as RunName;
