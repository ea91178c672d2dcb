import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createProject, type Project } from './project.ts';

const PROGRAM = fileURLToPath(new URL('./scripted-stage.mjs', import.meta.url));

/** One execution of a scripted stage, waiting for what the test tells it. */
interface Execution {
  readonly pid: number;
  /** Writes its out and ends well. */
  finish(text?: string): void;
  fail(status: number): void;
  ignoreSigterm(): Promise<void>;
  /** Resolves once it has been asked to end, after it was told to ignore that. */
  askedToEnd(): Promise<void>;
  /** Starts a process that outlives its parent unless it is ended; the number of that process. */
  spawn(argv: readonly string[], options?: { readonly detached: boolean }): Promise<number>;
}

/** A project whose stages do what the test says, when it says so. */
export interface ScriptedProject extends Project {
  /** The stage's next execution, as soon as it has begun. */
  began(stage: string): Promise<Execution>;
  /** Names of stages in the order their executions began. */
  readonly begun: readonly string[];
}

/** `stages`: what each reads from, and more lines of its YAML. */
export interface ScriptedStage {
  readonly after?: readonly string[];
  readonly yaml?: readonly string[];
}

export function scriptedProject(stages: Readonly<Record<string, ScriptedStage>>, head = ''): ScriptedProject {
  const waiting = new Map<string, ((execution: Execution) => void)[]>();
  const arrived = new Map<string, Execution[]>();
  const begun: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const lines = lineReader(socket);
    void lines.next().then((line) => {
      const { name, pid } = JSON.parse(line) as { name: string; pid: number };
      begun.push(name);
      const execution = toExecution(socket, { pid, lines });
      const resolve = waiting.get(name)?.shift();
      if (resolve !== undefined) resolve(execution);
      else arrived.set(name, [...(arrived.get(name) ?? []), execution]);
    });
  });
  const project = createProject({});
  const socket = project.path('test.sock');
  server.listen(socket);
  const yaml = Object.entries(stages).map(([name, { after = [], yaml: more = [] }]) => {
    const deps = after.map((one) => `${one}: ${one}.out`).join(', ');
    return [
      `  ${name}:`,
      `    cmd: [${process.execPath}, ${PROGRAM}, ${socket}, ${name}, "{outs.out}"]`,
      `    deps: { ${deps} }`,
      '    outs: { out: file }',
      ...more.map((line) => `    ${line}`),
    ].join('\n');
  });
  project.write('pipeline.yaml', `name: toy\nseed: 1\n${head}stages:\n${yaml.join('\n')}\n`);
  return {
    ...project,
    begun,
    began: (stage) =>
      new Promise((resolve) => {
        const execution = arrived.get(stage)?.shift();
        if (execution !== undefined) resolve(execution);
        else waiting.set(stage, [...(waiting.get(stage) ?? []), resolve]);
      }),
    dispose: () => {
      for (const one of sockets) one.destroy();
      server.close();
      project.dispose();
    },
  };
}

interface Lines {
  next(): Promise<string>;
}

function lineReader(socket: Socket): Lines {
  let text = '';
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  // A stage that is killed takes its connection with it.
  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      const resolve = waiting.shift();
      if (resolve === undefined) lines.push(line);
      else resolve(line);
    }
  });
  return {
    next: () =>
      new Promise((resolve) => {
        const line = lines.shift();
        if (line === undefined) waiting.push(resolve);
        else resolve(line);
      }),
  };
}

function toExecution(socket: Socket, { pid, lines }: { readonly pid: number; readonly lines: Lines }): Execution {
  const tell = (order: object): void => void socket.write(`${JSON.stringify(order)}\n`);
  const ask = async (order: object): Promise<{ readonly pid?: number }> => {
    tell(order);
    return JSON.parse(await lines.next()) as { readonly pid?: number };
  };
  return {
    pid,
    finish: (text = 'done') => tell({ order: 'finish', text }),
    fail: (status) => tell({ order: 'fail', status }),
    ignoreSigterm: async () => void (await ask({ order: 'ignoreSigterm' })),
    askedToEnd: async () => void (await lines.next()),
    spawn: async (argv, { detached } = { detached: false }) => (await ask({ order: 'spawn', argv, detached })).pid ?? 0,
  };
}

/** Whether a process is there; a dead one whose parent has not looked is not. */
export function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) {
    try {
      return process.platform !== 'linux' && process.kill(pid, 0);
    } catch {
      return false;
    }
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    // It ended while it was looked at.
    return true;
  }
}
