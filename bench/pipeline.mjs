// The shipped pipeline on MNIST, from nothing: how long it takes, and the most memory its processes hold together.
// Usage: npm run bench -- pipeline [RUNS]
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { home, machine, median } from './measure.mjs';
import { mnistFolder } from './peers.mjs';

const program = join(home, 'lib', 'cli', 'mlloop.mjs');
const LOOK_MS = 50;

export async function bench([count]) {
  const source = mnistFolder();
  if (source === undefined) throw new Error('MNIST is not there: put its files into data/mnist, or set MLLOOP_DATA');
  const runs = [];
  for (let run = 0; run < Number(count ?? 3); run++) runs.push(await runOnce(join(source, '..')));
  const seconds = runs.map((run) => run.seconds);
  const megabytes = runs.map((run) => run.megabytes);
  console.log(`the shipped pipeline on MNIST, ${runs.length} runs from nothing, ${machine()}`);
  console.log(`median ${median(seconds).toFixed(1)} s (${seconds.map((one) => one.toFixed(1)).join(', ')})`);
  console.log(
    megabytes.includes(0)
      ? 'memory: this system does not tell'
      : `most memory of all processes together ${Math.max(...megabytes)} MB (proportional set size, looked at every ${LOOK_MS} ms)`,
  );
  console.log(JSON.stringify({ bench: 'pipeline', seconds: median(seconds), megabytes: Math.max(...megabytes) }));
}

async function runOnce(data) {
  const state = mkdtempSync(join(tmpdir(), 'mlloop-bench-'));
  try {
    const startedMs = performance.now();
    const child = spawn(process.execPath, [program, 'run', '--state', state], {
      cwd: home,
      env: { ...process.env, MLLOOP_DATA: data },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    let megabytes = 0;
    let isOver = false;
    ended.then(() => {
      isOver = true;
    });
    while (!isOver) {
      megabytes = Math.max(megabytes, Math.round(memoryOf(child.pid) / 1e6));
      await Promise.race([ended, setTimeout(LOOK_MS)]);
    }
    const status = await ended;
    if (status !== 0) throw new Error(`the pipeline ended with ${status}`);
    return { seconds: (performance.now() - startedMs) / 1000, megabytes };
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

/** Bytes a process and all it started hold, pages that several share counted once; 0 where there is no /proc. */
function memoryOf(root) {
  const parents = new Map();
  try {
    for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
      const stat = textOf(`/proc/${name}/stat`);
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    }
  } catch {
    return 0;
  }
  const isOurs = (pid) => pid === root || (parents.has(pid) && isOurs(parents.get(pid)));
  return [...parents.keys()]
    .filter(isOurs)
    .map((pid) => Number(/^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024)
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** What a file holds; nothing where its process is gone by now. */
function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
