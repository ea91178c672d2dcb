import type { ExitCode } from '../domain/exit-code.ts';
import { failure } from '../domain/failure.ts';
import { findVersion } from '../registry/find-version.ts';
import { describeVersion, listVersions } from '../registry/list-versions.ts';
import { modelsTable } from '../report/registry/models-table.ts';
import { versionText } from '../report/registry/version-text.ts';
import { versionsThatLearnedFrom } from '../runlog/read-versions.ts';
import { err, ok } from '../util/result.ts';
import type { CommonOptions, Io } from './io.ts';
import { withRegistry } from './with-registry.ts';

export interface ModelsOptions extends CommonOptions {
  readonly line?: string;
  readonly json?: boolean;
  /** The beginning of a hash, or a prediction's id. */
  readonly learnedFrom?: string;
}

const asJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/** `mlloop models [V]`: every registered version, or all that is on record of one. */
export function modelsVerb(what: string | undefined, options: ModelsOptions, io: Io): Promise<ExitCode> {
  const { line, json, learnedFrom } = options;
  return withRegistry(options, io, ({ log, state }) =>
    log.reading(() => {
      if (what !== undefined) {
        const found = findVersion(log, what, line);
        if (!found.ok) return found;
        const details = describeVersion(log, state, found.value);
        return ok(json ? asJson(details) : versionText(details, io.room));
      }
      const versions = listVersions(log);
      const ofLine = versions.filter((one) => line === undefined || one.line === line);
      if (versions.length === 0) return err(failure('REGISTRY_EMPTY', {}));
      if (line !== undefined && ofLine.length === 0) {
        return err(failure('REGISTRY_NO_LINE', { line, lines: [...new Set(versions.map((one) => one.line))] }));
      }
      if (learnedFrom === undefined) return ok(json ? asJson(ofLine) : modelsTable(ofLine, io.room));
      const learners = versionsThatLearnedFrom(log, learnedFrom);
      const shown = ofLine.filter((one) =>
        learners.some((learner) => learner.line === one.line && learner.version === one.version),
      );
      if (json) return ok(asJson(shown));
      return ok(
        shown.length === 0 ? `No registered version learned from ${learnedFrom}.\n` : modelsTable(shown, io.room),
      );
    }),
  );
}
