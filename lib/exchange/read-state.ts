import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from '../cache/content.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { COUNTED, logFacts } from '../runlog/copy-log.ts';
import { integrityFaults, namedPlaces } from '../runlog/inspect.ts';
import { MIGRATIONS, openToInspect, type RunLog } from '../runlog/open.ts';
import { sha256File } from '../util/hash.ts';
import { err, ok, type Result } from '../util/result.ts';
import { DATABASE, isPlace, MANIFEST, parseManifest, type StateManifest } from './manifest.ts';

export interface ExpectedState {
  /** How people are told of it. */
  readonly shown: string;
  /** The pipeline it has to belong to; undefined where any may come. */
  readonly pipeline: string | undefined;
}

/** Reads a state that lies unpacked in a folder, and checks every byte and count of it against its manifest. */
export async function readState(folder: string, expected: ExpectedState): Promise<Result<StateManifest, Failure>> {
  const { shown: from, pipeline } = expected;
  const foreign = (problem: string): Result<never, Failure> => err(failure('STATE_FOREIGN', { from, problem }));
  if (!existsSync(join(folder, MANIFEST))) return foreign(`it has no ${MANIFEST}`);
  const parsed = parseManifest(readFileSync(join(folder, MANIFEST), 'utf8'));
  if (!parsed.ok) return foreign(parsed.failure);
  const manifest = parsed.value;
  if (manifest.schema > MIGRATIONS.length) {
    return err(failure('STATE_NEWER', { from, seen: manifest.schema, known: MIGRATIONS.length }));
  }
  if (pipeline !== undefined && manifest.pipeline !== pipeline) {
    return err(failure('STATE_PIPELINE', { from, seen: manifest.pipeline, expected: pipeline }));
  }
  if (!(DATABASE in manifest.files)) return foreign(`it has no ${DATABASE}`);
  const faults = await fileFaults(folder, manifest);
  const all = faults.length > 0 ? faults : logFaults(join(folder, DATABASE), manifest);
  return all.length === 0 ? ok(manifest) : err(failure('STATE_FAULTS', { from, faults: shortened(all) }));
}

/** Faults that are named before the rest is only counted. */
const SHOWN = 5;

const shortened = (faults: readonly string[]): readonly string[] =>
  faults.length <= SHOWN ? faults : [...faults.slice(0, SHOWN), `and ${faults.length - SHOWN} more`];

/** Every file that is not what the manifest says, is missing, or is one too many. */
async function fileFaults(folder: string, { files }: StateManifest): Promise<string[]> {
  const faults: string[] = [];
  for (const [path, { sha256, sizeBytes }] of Object.entries(files)) {
    const stats = statSync(join(folder, path), { throwIfNoEntry: false });
    if (stats === undefined) faults.push(`${path} is missing`);
    else if (!stats.isFile()) faults.push(`${path} is no file`);
    else if (stats.size !== sizeBytes) faults.push(`${path} has ${stats.size} bytes, not ${sizeBytes}`);
    else if ((await sha256File(join(folder, path))) !== sha256) faults.push(`${path} has other bytes`);
  }
  const extra = listFiles(folder).filter((path) => path !== MANIFEST && !Object.hasOwn(files, path));
  return [...faults, ...extra.map((path) => `${path} does not belong to it`)];
}

/** Where the log is broken, or counts otherwise than the manifest: both may have been written anew together. */
function logFaults(file: string, manifest: StateManifest): string[] {
  const opened = openToInspect(file);
  if (!opened.ok) return [`${DATABASE} cannot be opened: ${problemOf(opened.failure)}`];
  const { log, version } = opened.value;
  try {
    if (version !== manifest.schema) return [`${DATABASE} has schema version ${version}, not ${manifest.schema}`];
    const broken = integrityFaults(log).map((fault) => `${DATABASE}: ${fault}`);
    return broken.length > 0 ? broken : [...placeFaults(log), ...countFaults(log, manifest)];
  } catch (error) {
    return [`${DATABASE} cannot be read: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    log.close();
  }
}

const problemOf = (fault: Failure): string => ('problem' in fault.fields ? String(fault.fields.problem) : fault.code);

/** What the log names is laid out where it says. */
const placeFaults = (log: RunLog): string[] =>
  namedPlaces(log)
    .filter((place) => !isPlace(place))
    .map((place) => `${DATABASE} names a place '${place}', which no state has`);

function countFaults(log: RunLog, { lastRun, rows, pipeline }: StateManifest): string[] {
  const facts = logFacts(log);
  const faults = COUNTED.filter((table) => rows[table] !== facts.rows[table]).map(
    (table) => `${DATABASE} has ${facts.rows[table]} rows of ${table}, not ${rows[table]}`,
  );
  if (facts.lastRun?.run !== lastRun?.run || facts.lastRun?.uid !== lastRun?.uid) {
    faults.push(`its last run is ${facts.lastRun?.run ?? 'none'}, not ${lastRun?.run ?? 'none'}`);
  }
  if (facts.pipeline !== null && facts.pipeline !== pipeline) {
    faults.push(`its last run is one of the pipeline '${facts.pipeline}', not '${pipeline}'`);
  }
  return faults;
}
