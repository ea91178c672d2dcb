import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { mnistFolder, peersFolder } from '../peers.mjs';
import { program } from '../timing.mjs';

/** Milliseconds between two looks whether a server answers, and until it has to. */
const LOOK_MS = 3;
const PATIENCE_MS = 120_000;

/** `mlloop serve` on a state folder; `readyMs` is from before it starts until it says it can answer. */
export async function startMlloop(state, cwd) {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [program, 'serve', '--state', state, '--port', '0', '--log-level', 'silent'], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const told = await firstMatch(child.stderr, /http:\S+/);
  const server = serverOf(child, told);
  await answers(child, () => fetch(`${server.url}/v2/health/ready`));
  return { ...server, readyMs: performance.now() - startedMs };
}

/** The plain fastify server; it sends this answer to everyone. */
export async function startConstant(answer) {
  const file = fileURLToPath(new URL('./constant-server.mjs', import.meta.url));
  const child = spawn(process.execPath, [file, answer], { stdio: ['ignore', 'pipe', 'inherit'] });
  return serverOf(child, await firstMatch(child.stdout, /http:[^"]+/));
}

/** FastAPI with PyTorch; undefined where they, or the digits it trains on, are not there. */
export async function startFastApi(env, ask) {
  const data = mnistFolder();
  if (data === undefined) return undefined;
  const port = await freePort();
  const child = spawn('/usr/bin/python3', [join(peersFolder(), 'serve_fastapi.py'), data, String(port)], {
    cwd: peersFolder(),
    env,
    stdio: 'ignore',
  });
  child.on('error', () => undefined);
  const server = serverOf(child, `http://127.0.0.1:${port}`);
  return (await answers(child, () => ask(server.url))) ? server : undefined;
}

function serverOf(child, url) {
  return {
    url,
    pid: child.pid,
    stop: async () => {
      if (child.exitCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = await ended;
      return code;
    },
  };
}

function firstMatch(stream, pattern) {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.setEncoding('utf8').on('data', (piece) => {
      text += piece;
      const found = pattern.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    });
    stream.once('end', () => reject(new Error(`the server ended: ${text}`)));
  });
}

/** Waits until a server answers with 200; false where its process is gone. */
async function answers(child, ask) {
  const untilMs = performance.now() + PATIENCE_MS;
  while (child.exitCode === null && child.pid !== undefined) {
    const response = await ask().catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.status === 200) return true;
    if (performance.now() > untilMs) throw new Error('the server does not get ready');
    await setTimeout(LOOK_MS);
  }
  return false;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Megabytes a process holds, now and at most; undefined where there is no /proc. */
export function memoryOf(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const megabytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
    return { nowMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
  } catch {
    return undefined;
  }
}
