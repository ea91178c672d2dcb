import { stringify } from 'csv-stringify/sync';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { openExistingRunLog } from '../runlog/open.ts';
import { clearQuarantine, quarantinedRows } from '../runlog/quarantine.ts';
import { writeFault } from '../runner/write-fault.ts';
import type { CommonOptions, Io } from './io.ts';
import { foldersOf, refuse } from './project.ts';

export interface QuarantineOptions extends CommonOptions {
  readonly clear?: boolean;
  readonly json?: boolean;
}

/** `mlloop feedback quarantine`: rows of feedback files that were set aside, and why. */
export function quarantineVerb({ clear, json, ...options }: QuarantineOptions, io: Io): ExitCode {
  const { state } = foldersOf(options, io);
  const opened = openExistingRunLog(state.database);
  if (!opened.ok) return refuse(io, [opened.failure]);
  const log = opened.value;
  try {
    const rows = log === undefined ? [] : quarantinedRows(log);
    if (json) io.stdout(`${JSON.stringify(rows, undefined, 2)}\n`);
    else {
      const shown = rows.map(({ file, line, reason, text }) => [file.slice(0, 16), line, reason, text]);
      io.stdout(stringify([['file', 'line', 'reason', 'text'], ...shown]));
    }
    if (clear && log !== undefined) {
      const gone = clearQuarantine(log);
      io.stderr(`${gone === 1 ? '1 row was' : `${gone} rows were`} let go.\n`);
    }
    return EXIT.done;
  } catch (error) {
    return refuse(io, [writeFault(error, state.folder)]);
  } finally {
    log?.close();
  }
}
