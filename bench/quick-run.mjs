// How long a quick run takes, from nothing, split by stage: medians over several runs in folders of their own.
// Usage: npm run bench [-- quick] [-- RUNS]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { home, machine, median } from './measure.mjs';

const program = join(home, 'lib', 'cli', 'mlloop.mjs');

const mlloop = (...args) =>
  execFileSync(process.execPath, [program, ...args], {
    cwd: home,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

export function bench([count]) {
  const runs = Number(count ?? 5);
  // The first start builds lib and the stages, which is no part of a run.
  mlloop('check');
  const took = new Map();
  const add = (name, ms) => took.set(name, [...(took.get(name) ?? []), ms]);
  for (let run = 0; run < runs; run++) {
    const state = mkdtempSync(join(tmpdir(), 'mlloop-bench-'));
    try {
      const start = performance.now();
      mlloop('run', '--profile', 'quick', '--state', state);
      add('whole run', performance.now() - start);
      const view = JSON.parse(mlloop('show', '--json', '--state', state));
      for (const { stage, durationMs } of view.stages) add(stage, durationMs);
      const again = performance.now();
      mlloop('run', '--profile', 'quick', '--state', state);
      add('nothing to do', performance.now() - again);
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  }
  console.log(`median of ${runs} runs, ${machine()}`);
  for (const [name, values] of took) {
    const [low, high] = [Math.min(...values), Math.max(...values)].map((ms) => (ms / 1000).toFixed(2));
    console.log(`${name.padEnd(14)} ${(median(values) / 1000).toFixed(2).padStart(6)} s   (${low} to ${high})`);
  }
}
