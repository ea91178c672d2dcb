import { relative, resolve } from 'node:path';
import { packagesFolderOf } from '../cache/bundle.ts';
import { openStore } from '../cache/store.ts';
import type { EngineChoice } from '../domain/engine.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { isDemo } from '../domain/line.ts';
import { loadModel, type SelfTest, selfTest } from '../ml/load-model.ts';
import { readWholeModelCard } from '../ml/model-card.ts';
import { probeEngines } from '../ml/probe-engines.ts';
import { LINE_NAME } from '../registry/export-file.ts';
import { importVersion } from '../registry/import-version.ts';
import { readExport } from '../registry/read-export.ts';
import { openRunLog } from '../runlog/open.ts';
import { writeFault } from '../runner/write-fault.ts';
import { err, ok, type Result } from '../util/result.ts';
import { actorName } from './actor.ts';
import type { CommonOptions, Installation, Io } from './io.ts';
import { foldersOf, refuse } from './project.ts';

export interface ImportOptions extends CommonOptions {
  /** The line it joins; its own when it is left out. */
  readonly line?: string;
}

/** `mlloop models import DIR`: adds an exported version as the next one of its line. No alias moves. */
export async function importVerb(
  from: string,
  options: ImportOptions,
  io: Io,
  installation: Installation,
): Promise<ExitCode> {
  const { root, state } = foldersOf(options, io);
  const folder = resolve(io.cwd, from);
  const shown = relative(io.cwd, folder) || '.';
  const read = readExport(folder, shown);
  if (!read.ok) return refuse(io, [read.failure]);
  const line = options.line ?? read.value.line;
  if (!LINE_NAME.test(line)) return refuse(io, [failure('IMPORT_LINE', { line })]);
  process.env['MLLOOP_PACKAGES'] = packagesFolderOf(root, installation.home);
  const tested = await testModel(folder, { shown, line, packages: process.env['MLLOOP_PACKAGES'] });
  if (!tested.ok) return refuse(io, [tested.failure]);
  const opened = openRunLog(state.database);
  if (!opened.ok) return refuse(io, [opened.failure]);
  const log = opened.value;
  try {
    const registry = { log, state: state.folder, store: openStore(state.objects) };
    const imported = await importVersion(registry, {
      folder,
      shown,
      file: read.value,
      line,
      actor: actorName(),
      at: io.clock.now(),
    });
    if (!imported.ok) return refuse(io, [imported.failure]);
    const { version, isNew } = imported.value;
    io.stdout(
      isNew
        ? `${shown} is ${line} v${version} now; no alias was moved. Make it the champion with: npx mlloop promote v${version} --line ${line}\n`
        : `${shown} is ${line} v${version} already; nothing was added.\n`,
    );
    return EXIT.done;
  } catch (error) {
    return refuse(io, [writeFault(error, state.folder)]);
  } finally {
    log.close();
  }
}

interface Testing {
  /** The folder as it is told to people. */
  readonly shown: string;
  readonly line: string;
  readonly packages: string;
}

/** Asks the model its golden rows with every engine that works here: sums prove a copy, and not that it was a model. */
async function testModel(folder: string, testing: Testing): Promise<Result<undefined, Failure>> {
  const { shown, line, packages } = testing;
  const foreign = (problem: string): Failure => failure('IMPORT_FOREIGN', { folder: shown, problem });
  const card = readWholeModelCard(folder);
  if (!card.ok) return err(foreign(problemOf(card.failure)));
  if (card.value.trainedOn.generated && !isDemo(line)) return err(failure('IMPORT_GENERATED', { folder: shown, line }));
  const { onnx, tfjs } = await probeEngines(packages);
  const engines: readonly EngineChoice[] = 'problem' in onnx ? [tfjs] : [onnx, tfjs];
  for (const choice of engines) {
    const { engine } = choice;
    const tested = await askGoldenRows(folder, choice);
    if (!tested.ok) return err(foreign(`${engine} cannot load it: ${tested.failure}`));
    const { maxDifference, tolerance, passed } = tested.value;
    const difference = maxDifference.toExponential(2);
    if (!passed) return err(failure('IMPORT_ANSWERS', { folder: shown, engine, difference, tolerance }));
  }
  return ok(undefined);
}

const problemOf = (fault: Failure): string => ('problem' in fault.fields ? String(fault.fields.problem) : fault.code);

async function askGoldenRows(folder: string, choice: EngineChoice): Promise<Result<SelfTest, string>> {
  const loaded = await loadModel(folder, choice);
  if (!loaded.ok) return err(problemOf(loaded.failure));
  try {
    return ok(await selfTest(loaded.value));
  } catch (error) {
    // Golden rows of another shape than the model's.
    return err(error instanceof Error ? error.message : String(error));
  } finally {
    await loaded.value.dispose();
  }
}
