import { existsSync, lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openStore } from '../../cache/store.ts';
import { bad, type Check, fine, warn } from '../../domain/check.ts';
import { failureText } from '../../domain/failure.ts';
import { versionFaults } from '../../registry/version-faults.ts';
import { expectedObjects, integrityFaults, logSize, runningRuns } from '../../runlog/inspect.ts';
import { MIGRATIONS, openToInspect, type RunLog } from '../../runlog/open.ts';
import { allAliases, allVersions, registeredVersion } from '../../runlog/registry.ts';
import { artifactBytes } from '../../runlog/runs.ts';
import { checkObjects } from '../../runner/check-objects.ts';
import { temporaries } from '../../runner/garbage.ts';
import type { StateFolder } from '../../runner/state.ts';
import { formatBytes } from '../../util/format-bytes.ts';
import { isAlive } from '../../util/process.ts';
import type { Io } from '../io.ts';
import { hostName } from '../project.ts';
import { judgeLogSize } from './log-size.ts';

export interface StateOptions {
  readonly state: StateFolder;
  readonly io: Io;
  /** Whether the bytes of objects are left unread. */
  readonly quick: boolean;
}

export interface StateReport {
  readonly checks: readonly Check[];
  /** Size of all objects on record, in bytes. */
  readonly held: number;
}

/** Looks through runs.db and artifacts/ without changing anything. */
export async function checkState(options: StateOptions): Promise<StateReport> {
  const { state } = options;
  if (!existsSync(state.database)) return { checks: [withoutLog(state)], held: 0 };
  const opened = openToInspect(state.database);
  if (!opened.ok) {
    const next = 'Put it back from a copy, or take it out of the way together with artifacts/ to begin anew.';
    return { checks: [bad('runs.db', failureText(opened.failure), next)], held: 0 };
  }
  const { log, version } = opened.value;
  try {
    const checks = [checkSchema(version), checkIntegrity(log)];
    // Rows of another schema cannot be read, and a broken file tells nothing.
    if (checks.some(({ status }) => status !== 'ok')) return { checks, held: 0 };
    checks.push(
      checkSize(log, options),
      await checkStored(log, options),
      ...checkAliases(log, state),
      ...checkVersions(log, options),
      ...checkLeftovers(log, state),
    );
    return { checks, held: artifactBytes(log) };
  } finally {
    log.close();
  }
}

function withoutLog({ objects }: StateFolder): Check {
  if (!existsSync(objects) || readdirSync(objects).length === 0)
    return fine('runs.db', 'not there yet: no run was made');
  const next = 'Bring runs.db back, or begin anew by taking artifacts/ out of the way.';
  return bad('runs.db', 'is gone, and artifacts/ holds what its runs have made', next);
}

function checkSchema(version: number): Check {
  const known = MIGRATIONS.length;
  if (version === known) return fine('schema', `version ${version}`);
  if (version < known) {
    const text = `version ${version}; this program's is ${known}, so the rows were not looked at`;
    return warn('schema', text, 'The next run brings it up to date, after a copy of the file.');
  }
  return bad('schema', `version ${version}; this program knows up to ${known}`, 'Use the newer mlloop that wrote it.');
}

function checkIntegrity(log: RunLog): Check {
  const faults = integrityFaults(log);
  if (faults.length === 0) return fine('integrity', 'SQLite finds nothing wrong in runs.db');
  return bad('integrity', faults.join('; '), 'Put runs.db back from a copy: runs may be missing from it.');
}

function checkSize(log: RunLog, { state, io }: StateOptions): Check {
  const wal = statSync(`${state.database}-wal`, { throwIfNoEntry: false });
  return judgeLogSize({ ...logSize(log), file: relative(io.cwd, state.database), walBytes: wal?.size ?? 0 });
}

/** How often a long look says how far it is, in milliseconds. */
const QUIET_MS = 5000;

/** Faults that are named before the rest is only counted. */
const SHOWN = 4;

async function checkStored(log: RunLog, { state, io, quick }: StateOptions): Promise<Check> {
  const expected = expectedObjects(log);
  const bytes = expected.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let spokeMs = io.clock.elapsed();
  const faults = await checkObjects(expected, {
    store: openStore(state.objects),
    read: !quick,
    onProgress: (done) => {
      if (io.clock.elapsed() - spokeMs < QUIET_MS) return;
      spokeMs = io.clock.elapsed();
      const share = `${formatBytes(done.bytes)} of ${formatBytes(bytes)}`;
      io.stderr(`looked at ${done.objects} of ${expected.length} objects, ${share}\n`);
    },
  });
  const count = `${expected.length} ${expected.length === 1 ? 'object' : 'objects'}, ${formatBytes(bytes)}`;
  if (faults.length === 0)
    return fine('objects', quick ? `${count}, all there; not read` : `${count}, each of its hash`);
  const next =
    'npm run pipeline makes again what stands for a stage now; what is older is made again when it is asked for.';
  if (faults.length === expected.length && faults.every(({ problem }) => problem === 'missing')) {
    return bad('objects', `none of ${count} is there: runs.db was brought here without its artifacts/`, next);
  }
  const named = faults.slice(0, SHOWN).map(({ name, hash, problem }) => `${name} (${hash.slice(0, 12)}) is ${problem}`);
  const more = faults.length > SHOWN ? `, and ${faults.length - SHOWN} more` : '';
  return bad('objects', `${faults.length} of ${count}: ${named.join(', ')}${more}`, next);
}

function checkAliases(log: RunLog, state: StateFolder): Check[] {
  return allAliases(log).map(({ line, alias, version }) => {
    const name = `${line}/${alias}`;
    const { folder, hash } = registeredVersion(log, line, version) ?? { folder: '', hash: '' };
    const faults = versionFaults(join(state.folder, folder), hash);
    const next =
      'Take the folder away and run again: npm run pipeline lays it out anew from the store. Else put it back from a copy.';
    if (faults.length > 0)
      return bad('alias', `${name} is v${version}, but ${folder} is not whole: ${faults.join(', ')}`, next);
    const link = join(state.artifacts, 'models', line, alias);
    const isRight =
      lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(link) === `v${version}`;
    if (isRight) return fine('alias', `${name} is v${version}, whole`);
    return warn('alias', `${name} is v${version}, but the link does not say so`, 'The next run mends it.');
  });
}

/** Versions nobody's alias points at: a promotion or rollback to one that is not whole would be refused. */
function checkVersions(log: RunLog, { state, quick }: StateOptions): Check[] {
  const aliased = allAliases(log).map(({ line, version }) => `${line} v${version}`);
  const others = allVersions(log).filter(({ line, version }) => !aliased.includes(`${line} v${version}`));
  if (others.length === 0) return [];
  const faulty = others.flatMap(({ line, version, folder, hash }) => {
    const path = join(state.folder, folder);
    const faults = quick ? (existsSync(path) ? [] : ['it is gone']) : versionFaults(path, hash);
    return faults.length === 0 ? [] : [`${line} v${version} (${faults.join(', ')})`];
  });
  const count = `${others.length} without an alias`;
  if (faulty.length === 0) return [fine('versions', quick ? `${count}, all there; not read` : `${count}, all whole`)];
  const more = faulty.length > SHOWN ? `, and ${faulty.length - SHOWN} more` : '';
  const next =
    'Take such a folder away: promote and rollback lay it out anew from the store. Else put it back from a copy.';
  return [warn('versions', `${count}, of them not whole: ${faulty.slice(0, SHOWN).join(', ')}${more}`, next)];
}

function checkLeftovers(log: RunLog, state: StateFolder): Check[] {
  const running = runningRuns(log);
  const atWork = running.find(({ host, pid }) => host === hostName() && isAlive(pid));
  if (atWork !== undefined) return [fine('leftovers', `run ${atWork.run} is at work, pid ${atWork.pid}`)];
  const half = temporaries(state).length;
  const told = [
    ...running.map(({ run }) => `run ${run} died without an end`),
    ...(half === 0 ? [] : [`${half} half-made ${half === 1 ? 'file or folder' : 'files and folders'}`]),
  ];
  if (told.length === 0) return [fine('leftovers', 'none')];
  return [
    warn('leftovers', told.join(', '), 'The next run goes on from there; npm run mlloop -- gc clears the rest away.'),
  ];
}
