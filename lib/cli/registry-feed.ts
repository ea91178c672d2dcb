import { existsSync, statSync } from 'node:fs';
import { type Failure, failure } from '../domain/failure.ts';
import { modelLine } from '../domain/line.ts';
import { createRegistryReader, type RegistryReader } from '../registry/reader.ts';
import { openExistingRunLog, type RunLog } from '../runlog/open.ts';
import type { StateFolder } from '../runner/state.ts';
import type { VersionFeed, WantedVersion } from '../serve/version-feed.ts';
import { err, ok, type Result } from '../util/result.ts';

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

interface Opened {
  readonly log: RunLog;
  readonly reader: RegistryReader;
  readonly inode: number | undefined;
}

/**
 * The versions behind an alias, as the log has them. A log that is not there yet is looked for again, and one that another was put
 * in the place of is left for it; one that cannot be read is a failure, and may be well again.
 */
export function openRegistryFeed(options: RegistryFeedOptions): Result<RegistryFeed, Failure> {
  const { state, alias, line, pipeline } = options;
  const file = state.database;
  let opened: Opened | undefined;
  /** Whether something else stands there than what is open. Of a log that was only taken away nothing new can be known. */
  const isReplaced = (): boolean => {
    const there = statSync(file, { throwIfNoEntry: false });
    return there !== undefined && there.size > 0 && there.ino !== opened?.inode;
  };
  const open = (): Result<RegistryReader | undefined, Failure> => {
    if (opened !== undefined && !isReplaced()) return ok(opened.reader);
    const inode = statSync(file, { throwIfNoEntry: false })?.ino;
    const found = openExistingRunLog(file);
    if (!found.ok) return found;
    opened?.log.close();
    const log = found.value;
    opened = log && { log, reader: createRegistryReader(log, state.folder), inode };
    return ok(opened?.reader);
  };
  const first = open();
  if (!first.ok) return first;
  const lines = line === undefined ? [modelLine(pipeline, false), modelLine(pipeline, true)] : [line];
  return ok({
    mark: () => {
      try {
        if (opened === undefined) return existsSync(file) ? 'a log' : 'no log';
        return isReplaced() ? 'another log' : `${opened.inode} ${opened.reader.mark()}`;
      } catch {
        // What is wrong is said by whoever asks for the versions.
        return 'unreadable';
      }
    },
    wanted: () => {
      try {
        const reader = open();
        if (!reader.ok) return reader;
        const versions = reader.value?.versions().filter(({ aliases }) => aliases.includes(alias)) ?? [];
        const wanted = lines.flatMap((name) => versions.filter((one) => one.line === name));
        return ok(
          wanted.map(({ line: own, version, hash, folder }): WantedVersion => ({ line: own, version, hash, folder })),
        );
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        return err(failure('RUNLOG_UNREADABLE', { file, problem }));
      }
    },
    close: () => opened?.log.close(),
  });
}
