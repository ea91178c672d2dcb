import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { readWholeModelCard } from '../ml/model-card.ts';
import type { ExportFile } from '../registry/export-file.ts';
import { findVersion } from '../registry/find-version.ts';
import type { Registry } from '../registry/mend.ts';
import { wholeVersion } from '../registry/whole-version.ts';
import { unfitName, writeExport } from '../registry/write-export.ts';
import { modelCard } from '../report/model-card/model-card.ts';
import { referenceText } from '../runlog/drift.ts';
import type { VersionRow } from '../runlog/registry.ts';
import { temporaryBeside } from '../util/fs-atomic.ts';
import { err, ok, type Result } from '../util/result.ts';
import { gatherFacts } from './export/gather-facts.ts';
import { isFree } from './free-folder.ts';
import type { CommonOptions, Io } from './io.ts';
import { targetFault } from './target-fault.ts';
import { withRegistry } from './with-registry.ts';

export interface ExportOptions extends CommonOptions {
  readonly line?: string;
}

/** `mlloop models export V DIR`: a version in a folder of its own, with all that whoever gets it should know. */
export function exportVerb(what: string, into: string, options: ExportOptions, io: Io): Promise<ExitCode> {
  const folder = resolve(io.cwd, into);
  return withRegistry(options, io, async (registry) => {
    if (!isFree(folder)) return err(failure('EXPORT_NOT_EMPTY', { folder: into }));
    const found = findVersion(registry.log, what, options.line);
    if (!found.ok) return found;
    const temporary = temporaryBeside(folder);
    try {
      mkdirSync(temporary, { recursive: true });
      const names = await exportVersion(registry, found.value, temporary);
      if (!names.ok) return names;
      renameSync(temporary, folder);
      const { line, version } = found.value;
      const at = relative(io.cwd, folder) || '.';
      return ok(`${line} v${version} is in ${at}: ${names.value.join(', ')}.\n`);
    } catch (error) {
      return err(targetFault(error, { target: into, cwd: io.cwd, state: registry.state }));
    } finally {
      if (existsSync(temporary)) rmSync(temporary, { recursive: true });
    }
  });
}

/** Bytes of one learned number. */
const PARAMETER_BYTES = 4;

async function exportVersion(
  registry: Registry,
  row: VersionRow,
  folder: string,
): Promise<Result<readonly string[], Failure>> {
  const whole = await wholeVersion(registry, row);
  if (!whole.ok) return whole;
  const { source, files } = whole.value;
  const { line, version, hash } = row;
  const name = unfitName(Object.keys(files));
  if (name !== undefined) return err(failure('EXPORT_NAME', { line, version, name }));
  const model = readWholeModelCard(source);
  if (!model.ok) return model;
  const facts = await gatherFacts(registry, row);
  const weights = statSync(join(source, 'weights.bin'), { throwIfNoEntry: false });
  const parameters = (weights?.size ?? 0) / PARAMETER_BYTES;
  const file: ExportFile = { format: 'mlloop-export-1', line, version, hash, files, facts };
  const card = modelCard({ line, version, hash, model: model.value, facts, parameters });
  const transform = `${JSON.stringify(model.value.transform, undefined, 2)}\n`;
  const reference = referenceText(registry.log, line, version);
  return ok(writeExport(folder, { source, file, card, transform, reference }));
}
