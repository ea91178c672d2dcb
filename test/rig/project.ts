import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';

/** The folder of the project under test. */
export const HOME = fileURLToPath(new URL('../../', import.meta.url));

const PROGRAM = join(HOME, 'lib', 'cli', 'mlloop.mjs');

/** How the real command ended, and what it said. */
export interface Execution {
  readonly status: number | null;
  /** What ended it, where it did not end by itself. */
  readonly signal?: NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project in a temporary folder, to run the real command in. */
export interface Project {
  readonly root: string;
  path(...parts: string[]): string;
  write(file: string, text: string | Uint8Array): void;
  read(file: string): string;
  mlloop(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Execution>;
  /** Starts the command and leaves it running. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  /** Rows of the run log, read through a connection of its own. */
  rows<Row>(sql: string): Row[];
  /** The run log, to be changed. */
  open(): Database.Database;
  dispose(): void;
}

/** Nothing of the developer's own environment, so that a test means the same everywhere. */
const environment = (extra: Readonly<Record<string, string>>): Record<string, string> => {
  const { PATH = '', HOME: home = '', TMPDIR = '' } = process.env;
  return { PATH, HOME: home, ...(TMPDIR === '' ? {} : { TMPDIR }), NO_COLOR: '1', ...extra };
};

/** `parent` is the folder it is made in; the system's for temporary files by default. */
export function createProject(files: Readonly<Record<string, string>>, parent = tmpdir()): Project {
  const root = mkdtempSync(join(parent, 'mlloop-e2e-'));
  const path = (...parts: string[]): string => join(root, ...parts);
  const write = (file: string, text: string | Uint8Array): void => {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  const start: Project['start'] = (args, env = {}) =>
    spawn(process.execPath, [PROGRAM, ...args], {
      cwd: root,
      env: environment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return {
    root,
    path,
    write,
    read: (file) => readFileSync(path(file), 'utf8'),
    start,
    mlloop: (args, env) => ended(start(args, env)),
    rows: <Row>(sql: string) => {
      const database = new Database(path('runs.db'), { readonly: true });
      try {
        return database.prepare(sql).all() as Row[];
      } finally {
        database.close();
      }
    },
    open: () => new Database(path('runs.db')),
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The shipped pipeline with its stages, in a folder of its own. */
export function shippedProject(): Project {
  const project = createProject({});
  for (const name of ['pipeline.yaml', 'stages']) cpSync(join(HOME, name), project.path(name), { recursive: true });
  return project;
}

/** Generated digits, few and soon learned: every stage in a second or two. */
const TINY = `  tiny:
    collect.params: { source: synthetic-digits, synthetic: { train: 800, test: 200 } }
    preprocess.params.live: 0.1
    train.params.hidden: [16]
    train.params.epochs: 4
    train.params.learningRate: 0.01
    train.params.batch: 32
    optimize.params: { folds: 2, rows: 300, grid: { hidden: [[16], [24]] } }
    deploy.params.gate: { accuracy: { min: 0.3 } }
    feedback.params.simulate.rows: 40
    iterate.params: { maxRounds: 1, rules: { newLabels: 1000 } }
`;

/** The shipped pipeline with a profile \`tiny\`; \`more\` is added to the profile, one YAML line each. */
export function tinyProject(more: readonly string[] = []): Project {
  const project = shippedProject();
  const lines = TINY + more.map((line) => `    ${line}\n`).join('');
  project.write('pipeline.yaml', project.read('pipeline.yaml') + lines);
  return project;
}

/** How a command that was started ends. */
export function ended(child: ChildProcess): Promise<Execution> {
  const out: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      out[stream] += text;
    });
  }
  return new Promise((resolve) => {
    child.on('close', (status, signal) => resolve({ status, ...(signal === null ? {} : { signal }), ...out }));
  });
}

/** What a running command says on stderr, once it does. */
export function saying(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let text = '';
  return new Promise((resolve) => {
    child.stderr?.on('data', (piece: string) => {
      text += piece;
      const found = pattern.exec(text);
      if (found !== null) resolve(found);
    });
  });
}
