import { join } from 'node:path';
import { type Failure, failure } from '../domain/failure.ts';
import type { VersionRow } from '../runlog/registry.ts';
import { err, ok, type Result } from '../util/result.ts';
import { layOutAgain, type Registry } from './mend.ts';
import { versionFaults } from './version-faults.ts';
import { readVersionFile } from './version-folder.ts';

/** A version's folder and the sums of its files. */
export interface WholeVersion {
  readonly source: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Checks every byte of a version's folder; one that is gone is laid out again where the store has its bytes. */
export async function wholeVersion(registry: Registry, row: VersionRow): Promise<Result<WholeVersion, Failure>> {
  await layOutAgain(registry, row);
  const { line, version, hash, folder } = row;
  const source = join(registry.state, folder);
  const faults = versionFaults(source, hash);
  if (faults.length > 0) return err(failure('REGISTRY_NOT_WHOLE', { line, version, folder, faults }));
  return ok({ source, files: readVersionFile(source)?.files ?? {} });
}
