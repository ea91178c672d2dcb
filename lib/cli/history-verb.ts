import type { ExitCode } from '../domain/exit-code.ts';
import { failure } from '../domain/failure.ts';
import { historyTable } from '../report/registry/history-table.ts';
import { readLedger } from '../runlog/ledger.ts';
import { allVersions } from '../runlog/registry.ts';
import { err, ok } from '../util/result.ts';
import type { CommonOptions, Io } from './io.ts';
import { withRegistry } from './with-registry.ts';

export interface HistoryOptions extends CommonOptions {
  readonly line?: string;
  readonly limit?: number;
  readonly json?: boolean;
}

/** `mlloop history`: what was live when, by whose hand and why, newest first. */
export function historyVerb({ line, limit, json, ...options }: HistoryOptions, io: Io): Promise<ExitCode> {
  return withRegistry(options, io, ({ log }) => {
    const lines = [...new Set(allVersions(log).map((row) => row.line))];
    if (lines.length === 0) return err(failure('REGISTRY_EMPTY', {}));
    if (line !== undefined && !lines.includes(line)) return err(failure('REGISTRY_NO_LINE', { line, lines }));
    const entries = readLedger(log, { line, limit: limit ?? Number.MAX_SAFE_INTEGER });
    return ok(json ? `${JSON.stringify(entries, undefined, 2)}\n` : historyTable(entries));
  });
}
