import { existsSync } from 'node:fs';
import type { Failure } from '../domain/failure.ts';
import { modelLine } from '../domain/line.ts';
import { createRegistryReader, type RegistryReader } from '../registry/reader.ts';
import { openExistingRunLog, type RunLog } from '../runlog/open.ts';
import type { StateFolder } from '../runner/state.ts';
import type { VersionFeed, WantedVersion } from '../serve/version-feed.ts';
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
export function openRegistryFeed(options: RegistryFeedOptions): Result<RegistryFeed, Failure> {
  const { state, alias, line, pipeline } = options;
  let log: RunLog | undefined;
  let reader: RegistryReader | undefined;
  const open = (): Result<RegistryReader | undefined, Failure> => {
    if (reader !== undefined) return ok(reader);
    const opened = openExistingRunLog(state.database);
    if (!opened.ok) return opened;
    log = opened.value;
    reader = log && createRegistryReader(log, state.folder);
    return ok(reader);
  };
  const first = open();
  if (!first.ok) return first;
  const lines = line === undefined ? [modelLine(pipeline, false), modelLine(pipeline, true)] : [line];
  return ok({
    mark: () => reader?.mark() ?? (existsSync(state.database) ? 'a log' : 'no log'),
    wanted: () => {
      const opened = open();
      if (!opened.ok) return opened;
      const versions = opened.value?.versions().filter(({ aliases }) => aliases.includes(alias)) ?? [];
      const wanted = lines.flatMap((name) => versions.filter((one) => one.line === name));
      return ok(
        wanted.map(({ line: own, version, hash, folder }): WantedVersion => ({ line: own, version, hash, folder })),
      );
    },
    close: () => log?.close(),
  });
}
