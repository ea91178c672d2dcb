import type { RunLog } from './open.ts';

export interface TagChange {
  readonly line: string;
  readonly version: number;
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  readonly actor: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Sets and removes tags of a version. The caller holds the transaction. */
export function changeTags(log: RunLog, { line, version, set, remove, actor, at }: TagChange): void {
  const drop = log.prepare('DELETE FROM version_tag WHERE line = ? AND version = ? AND key = ?');
  for (const key of remove) drop.run(line, version, key);
  const write = log.prepare(`INSERT INTO version_tag (line, version, key, value, actor, at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (line, version, key) DO UPDATE SET value = excluded.value, actor = excluded.actor, at = excluded.at`);
  for (const [key, value] of Object.entries(set)) write.run(line, version, key, value, actor, at);
}

export const tagsOf = (log: RunLog, line: string, version: number): Readonly<Record<string, string>> => {
  const rows = log
    .prepare('SELECT key, value FROM version_tag WHERE line = ? AND version = ? ORDER BY key')
    .all(line, version) as { readonly key: string; readonly value: string }[];
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
};
