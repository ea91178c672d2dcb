import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, failure } from '../domain/failure.ts';
import { insertReference } from '../runlog/drift.ts';
import { writeEntry } from '../runlog/ledger.ts';
import type { RunLog } from '../runlog/open.ts';
import { insertVersion, nextVersion, versionWithHash } from '../runlog/registry.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { ExportFile } from './export-file.ts';
import { layOutAgain, type Registry } from './mend.ts';
import { versionFaults } from './version-faults.ts';
import { publishVersion } from './version-folder.ts';
import { REFERENCE } from './write-export.ts';

export interface Import {
  /** The exported folder, checked already. */
  readonly folder: string;
  /** The same as it is told to people. */
  readonly shown: string;
  readonly file: ExportFile;
  /** The line it joins. */
  readonly line: string;
  readonly actor: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Imported {
  readonly version: number;
  /** False where the registry had these bytes already. */
  readonly isNew: boolean;
}

/** Adds an exported version as the line's next one. It moves no alias; the same bytes are the same version. */
export async function importVersion(
  registry: Registry,
  { folder, shown, file, line, actor, at }: Import,
): Promise<Result<Imported, Failure>> {
  const { log, state } = registry;
  const { hash, files, facts } = file;
  const known = versionWithHash(log, line, hash);
  if (known !== undefined) await layOutAgain(registry, known);
  return log.atomically(() => {
    const already = versionWithHash(log, line, hash);
    const version = already?.version ?? nextVersion(log, line);
    const place = join('artifacts', 'models', line, `v${version}`);
    const target = join(state, place);
    if (already === undefined || !existsSync(target)) {
      const about = { line, version, run: null, hash, metrics: facts.metrics };
      publishVersion(target, { ...about, source: folder, names: Object.keys(files) });
      // Somebody may have written to the folder since it was checked.
      const faults = versionFaults(target, hash);
      if (faults.length > 0) {
        rmSync(target, { recursive: true, force: true });
        return err(failure('IMPORT_FAULTS', { folder: shown, faults }));
      }
    }
    if (already !== undefined) {
      bringReference(log, folder, { line, version });
      return ok({ version, isNew: false });
    }
    const imported = { line: file.line, version: file.version, facts };
    insertVersion(log, { line, version, hash, folder: place, metrics: facts.metrics, from: { imported }, at });
    bringReference(log, folder, { line, version });
    const { run, uid } = facts.made;
    const reason = `${file.line} v${file.version}, made by run ${run} (${uid})`;
    writeEntry(log, { line, alias: null, kind: 'import', from: null, to: version, reason, by: { actor }, at });
    return ok({ version, isNew: true });
  });
}

/** What a version's answers are compared with comes along, where the export has it; one that is here already stays. */
function bringReference(
  log: RunLog,
  folder: string,
  version: { readonly line: string; readonly version: number },
): void {
  const file = join(folder, REFERENCE);
  if (existsSync(file)) insertReference(log, { ...version, reference: readFileSync(file, 'utf8'), attempt: null });
}
