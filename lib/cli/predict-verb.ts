import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { packagesFolderOf } from '../cache/bundle.ts';
import { readAskedRows } from '../data/asked-rows.ts';
import type { PredictionEntry } from '../domain/effects.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { failure } from '../domain/failure.ts';
import { modelLine } from '../domain/line.ts';
import type { Champion } from '../domain/questions.ts';
import { loadModel } from '../ml/load-model.ts';
import { predictionEntries } from '../ml/prediction-entry.ts';
import { championOf } from '../registry/answers.ts';
import { openExistingRunLog, type RunLog } from '../runlog/open.ts';
import { insertPredictions } from '../runlog/predictions.ts';
import { writeFileAtomic } from '../util/fs-atomic.ts';
import type { CommonOptions, Installation, Io } from './io.ts';
import { loadProject } from './load-project.ts';
import { foldersOf, refuse } from './project.ts';
import { targetFault } from './target-fault.ts';

export interface PredictOptions extends CommonOptions {
  /** A line of models; the pipeline's own when it is left out. */
  readonly line?: string;
  /** Where to write the answers; stdout when it is left out. */
  readonly out?: string;
}

/** `mlloop predict FILES`: the champion's answers, each on record under an id that feedback can name. */
export async function predictVerb(
  files: readonly string[],
  options: PredictOptions,
  io: Io,
  installation: Installation,
): Promise<ExitCode> {
  const { root, state } = foldersOf(options, io);
  const loaded = loadProject(root, {});
  if (!loaded.ok) return refuse(io, loaded.failure);
  const { name, log: policy } = loaded.value.pipeline;
  const opened = openExistingRunLog(state.database);
  if (!opened.ok) return refuse(io, [opened.failure]);
  const log = opened.value;
  const champion = log === undefined ? null : findChampion(log, state.folder, options.line, name);
  if (log === undefined || champion === null) {
    log?.close();
    return refuse(io, [failure('REGISTRY_NO_CHAMPION', { line: options.line ?? name })]);
  }
  if (!existsSync(champion.folder)) {
    log.close();
    const { line, version, folder } = champion;
    return refuse(io, [failure('REGISTRY_VERSION_GONE', { line, version, folder: relative(io.cwd, folder) })]);
  }
  try {
    // Whatever loads an engine looks for its packages there.
    process.env['MLLOOP_PACKAGES'] = packagesFolderOf(root, installation.home);
    return await answer(files, { options, io, log, champion, keepsInputs: policy.inputs !== 'none' });
  } catch (error) {
    return refuse(io, [targetFault(error, { target: options.out, cwd: io.cwd, state: state.folder })]);
  } finally {
    log.close();
  }
}

/** The line that was named; else the real one, and the one of generated data where there is no other. */
function findChampion(log: RunLog, state: string, line: string | undefined, name: string): Champion | null {
  if (line !== undefined) return championOf(log, state, line);
  return championOf(log, state, modelLine(name, false)) ?? championOf(log, state, modelLine(name, true));
}

interface Asked {
  readonly options: PredictOptions;
  readonly io: Io;
  readonly log: RunLog;
  readonly champion: Champion;
  readonly keepsInputs: boolean;
}

async function answer(files: readonly string[], asking: Asked): Promise<ExitCode> {
  const { options, io, log, champion, keepsInputs } = asking;
  const { line, version, modelHash, folder } = champion;
  const loaded = await loadModel(folder);
  if (!loaded.ok) return refuse(io, [loaded.failure]);
  const { card, predict } = loaded.value;
  const paths = files.map((file) => resolve(io.cwd, file));
  const asked = await readAskedRows(paths, card.spec.input);
  if (!asked.ok) return refuse(io, [asked.failure]);
  const { inputs, origins } = asked.value;
  const probabilities = await predict(inputs, origins.length);
  await loaded.value.dispose();
  const entries = predictionEntries({
    purpose: 'predict',
    modelHash,
    inputs,
    probabilities,
    classes: card.classes.length,
  });
  const { classes } = card;
  const batch = { line, version, simulated: false, source: 'predict', at: io.clock.now(), classes };
  const kept = keepsInputs ? entries : entries.map((entry) => ({ ...entry, input: null }));
  const { forgotten } = log.atomically(() => insertPredictions(log, batch, kept));
  const named = origins.map(({ file, row }) => ({ file: relative(io.cwd, file), row }));
  const csv = toCsv(entries, { origins: named, classes: card.classes });
  if (options.out === undefined) io.stdout(csv);
  else writeFileAtomic(resolve(io.cwd, options.out), csv);
  const generated = card.trainedOn.generated ? ' It learned from GENERATED DATA.' : '';
  const rows = `${entries.length} ${entries.length === 1 ? 'row' : 'rows'}`;
  io.stderr(
    `${line} v${version} answered ${rows}${options.out === undefined ? '' : ` in ${options.out}`}.${generated}\n`,
  );
  if (forgotten > 0)
    io.stderr(
      `${forgotten} of them ${forgotten === 1 ? 'was' : 'were'} forgotten once, and not put on record again.\n`,
    );
  return EXIT.done;
}

interface Shown {
  readonly origins: readonly { readonly file: string; readonly row: number }[];
  readonly classes: readonly string[];
}

/** One line an answer. The column `label` is empty: who knows the truth fills it in, and the file is feedback. */
function toCsv(entries: readonly PredictionEntry[], { origins, classes }: Shown): string {
  const rows = entries.map(({ predictionId, predicted, probabilities }, at) => [
    predictionId,
    origins[at]?.file ?? '',
    origins[at]?.row ?? 0,
    classes[predicted] ?? '',
    (probabilities[predicted] ?? 0).toFixed(6),
    '',
    ...probabilities.map((probability) => probability.toFixed(6)),
  ]);
  const header = [
    'prediction_id',
    'file',
    'row',
    'predicted',
    'probability',
    'label',
    ...classes.map((name) => `p_${name}`),
  ];
  return stringify([header, ...rows]);
}
