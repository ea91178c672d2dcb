import type { ExitCode } from '../domain/exit-code.ts';
import { failure } from '../domain/failure.ts';
import { historyTable } from '../report/registry/history-table.ts';
import { countEntries, readLedger } from '../runlog/ledger.ts';
import { allVersions } from '../runlog/registry.ts';
import { err, ok } from '../util/result.ts';
import type { CommonOptions, Io } from './io.ts';
import { withRegistry } from './with-registry.ts';

export interface HistoryOptions extends CommonOptions {
  readonly line?: string;
  readonly limit?: number;
  readonly json?: boolean;
}

/** Entries listed when nobody says how many. */
const DEFAULT_LIMIT = 50;

/** `mlloop history`: what was live when, by whose hand and why, newest first. */
export function historyVerb({ line, limit, json, ...options }: HistoryOptions, io: Io): Promise<ExitCode> {
  return withRegistry(options, io, ({ log }) => {
    const lines = [...new Set(allVersions(log).map((row) => row.line))];
    if (lines.length === 0) return err(failure('REGISTRY_EMPTY', {}));
    if (line !== undefined && !lines.includes(line)) return err(failure('REGISTRY_NO_LINE', { line, lines }));
    const shown = limit ?? (json ? Number.MAX_SAFE_INTEGER : DEFAULT_LIMIT);
    const entries = readLedger(log, { line, limit: shown });
    const all = countEntries(log, line);
    if (limit === undefined && all > entries.length) {
      io.stderr(`The newest ${entries.length} of ${all} entries; --limit ${all} shows all.\n`);
    }
    return ok(json ? `${JSON.stringify(entries, undefined, 2)}\n` : historyTable(entries, io.room));
  });
}
