import type { ChildProcess } from 'node:child_process';
import { writeEntry } from '../../lib/runlog/ledger.ts';
import { insertVersion } from '../../lib/runlog/registry.ts';
import { logWithAttempt } from '../runlog/log.ts';
import { createProject, type Execution, ended, type Project, saying } from './project.ts';
import { registerModel } from './serve.ts';

const PIPELINE = `name: toy
seed: 1
stages:
  make:
    cmd: ['true']
`;

/** A project whose log has one small model, the champion of the line `toy`; \`yaml\` is added to its pipeline.yaml. */
export async function servedProject(yaml = ''): Promise<Project> {
  const project = createProject({ 'pipeline.yaml': PIPELINE + yaml });
  const { line, version, hash } = await registerModel(project.path('artifacts'), 1);
  const { log, attempt } = logWithAttempt(project.path('runs.db'));
  const folder = `artifacts/models/${line}/v${version}`;
  log.atomically(() => {
    insertVersion(log, { line, version, hash, folder, metrics: {}, from: { attempt }, at: 0 });
    const entry = { line, alias: 'champion', kind: 'deploy', from: null, to: version, reason: 'passed' } as const;
    writeEntry(log, { ...entry, by: { attempt }, at: 0 });
  });
  log.close();
  return project;
}

/** The real server, ready. */
export interface Serving {
  readonly url: string;
  readonly child: ChildProcess;
  /** How it ends: by itself, or as it was asked to. */
  readonly ended: Promise<Execution>;
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<Execution>;
}

export async function serve(
  project: Project,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Serving> {
  const child = project.start(['serve', '--port', '0', '--log-level', 'warn', ...args], env);
  const end = ended(child);
  const [, url = ''] = await Promise.race([
    saying(child, /Listening on (\S+)\n/),
    end.then(({ stderr }) => Promise.reject(new Error(`the server has ended: ${stderr}`))),
  ]);
  while ((await fetch(`${url}/v2/health/ready`)).status !== 200);
  return {
    url,
    child,
    ended: end,
    stop: () => {
      child.kill('SIGTERM');
      return end;
    },
  };
}

/** Sends JSON, and reads JSON. */
export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: Record<string, unknown>; readonly headers: Headers }> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown>, headers: answer.headers };
}
