import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { writeEntry } from '../../lib/runlog/ledger.ts';
import type { RunLog } from '../../lib/runlog/open.ts';
import { insertVersion } from '../../lib/runlog/registry.ts';
import { logWithAttempt } from '../runlog/log.ts';
import { type Client, createClient } from './http.ts';
import { createProject, type Execution, ended, type Project, saying } from './project.ts';
import { type RegisteredModel, registerModel } from './serve.ts';

const PIPELINE = `name: toy
seed: 1
stages:
  make:
    cmd: [echo, hello]
    outs: { said: file }
`;

/** A project whose registry holds versions of a small model, and the real command that serves them. */
export interface VersionsProject extends Project {
  readonly log: RunLog;
  readonly versions: readonly RegisteredModel[];
  /** Points the champion at a version, as promoting it does. */
  promote(version: number): void;
}

export async function versionsProject(versions: number): Promise<VersionsProject> {
  const project = createProject({ 'pipeline.yaml': PIPELINE });
  const { log, attempt } = logWithAttempt(project.path('runs.db'));
  const made: RegisteredModel[] = [];
  for (let version = 1; version <= versions; version++) {
    const model = await registerModel(project.path('artifacts'), version);
    const folder = join('artifacts', 'models', 'toy', `v${version}`);
    const { line, hash } = model;
    insertVersion(log, { line, version, hash, folder, metrics: {}, from: { attempt }, at: 0 });
    made.push(model);
  }
  let champion: number | null = null;
  return {
    ...project,
    log,
    versions: made,
    promote: (version) => {
      const entry = { line: 'toy', alias: 'champion', kind: 'promote', reason: 'a test', by: { actor: 'me' } } as const;
      log.atomically(() => writeEntry(log, { ...entry, from: champion, to: version, at: 0 }));
      champion = version;
    },
    dispose: () => {
      // A test that failed has not come to its end.
      for (const child of running) child.kill('SIGKILL');
      log.close();
      project.dispose();
    },
  };
}

/** Servers that have not ended yet. */
const running = new Set<ChildProcess>();

/** The command `serve`, running. */
export interface Serving {
  readonly child: ChildProcess;
  readonly port: number;
  readonly client: Client;
  readonly end: Promise<Execution>;
  /** Asks it to stop, and waits until it has. */
  stop(signal?: NodeJS.Signals): Promise<Execution>;
}

export async function startServing(
  project: Project,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Serving> {
  const child = project.start(['serve', '--port', '0', ...args], env);
  running.add(child);
  child.once('exit', () => running.delete(child));
  const end = ended(child);
  const [, port] = await saying(child, /Listening on http:\/\/127\.0\.0\.1:(\d+)/);
  const client = createClient(Number(port));
  return {
    child,
    port: Number(port),
    client,
    end,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return end;
    },
  };
}

/** Waits until a server is ready. */
export async function untilReady({ client }: Pick<Serving, 'client'>): Promise<void> {
  while ((await client.ask('/v2/health/ready')).status !== 200) await new Promise((resolve) => setImmediate(resolve));
}
