import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Failure } from '../domain/failure.ts';
import { modelLine } from '../domain/line.ts';
import { openExistingRunLog, type RunLog } from '../runlog/open.ts';
import { aliasedVersions } from '../runlog/registry.ts';
import type { StateFolder } from '../runner/state.ts';
import type { VersionFeed } from '../serve/version-feed.ts';
import { ok, type Result } from '../util/result.ts';

export interface RegistryFeedOptions {
  readonly state: StateFolder;
  readonly alias: string;
  /** A line of models; the pipeline's own, real and generated, when it is left out. */
  readonly line: string | undefined;
  readonly pipeline: string;
}

export interface RegistryFeed extends VersionFeed {
  close(): void;
}

/** The versions behind an alias, as the log has them. A log that is not there yet is looked for again. */
export function openRegistryFeed({ state, alias, line, pipeline }: RegistryFeedOptions): Result<RegistryFeed, Failure> {
  const opened = openExistingRunLog(state.database);
  if (!opened.ok) return opened;
  let log: RunLog | undefined = opened.value;
  const lines = line === undefined ? [modelLine(pipeline, false), modelLine(pipeline, true)] : [line];
  const current = (): Result<RunLog | undefined, Failure> => {
    if (log !== undefined || !existsSync(state.database)) return ok(log);
    const again = openExistingRunLog(state.database);
    if (again.ok) log = again.value;
    return again;
  };
  return ok({
    // A number SQLite keeps of what other connections have written.
    mark: () =>
      log === undefined
        ? `none ${existsSync(state.database)}`
        : Number(log.database.pragma('data_version', { simple: true })),
    wanted: () => {
      const read = current();
      if (!read.ok) return read;
      const rows = read.value === undefined ? [] : aliasedVersions(read.value, alias);
      return ok(
        lines.flatMap((name) =>
          rows
            .filter((row) => row.line === name)
            .map(({ version, hash, folder }) => ({ line: name, version, hash, folder: join(state.folder, folder) })),
        ),
      );
    },
    close: () => log?.close(),
  });
}
