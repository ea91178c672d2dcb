import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { home, median, table } from './measure.mjs';

export const program = join(home, 'lib', 'cli', 'mlloop.mjs');

/** Makes a folder with these files in it, and takes it away afterwards. */
export async function withFolder(files, use) {
  const folder = mkdtempSync(join(tmpdir(), 'mlloop-bench-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a command that has to end well; its milliseconds, from before it starts until it is gone, and its output. */
export function timed(command, args, cwd, env = process.env) {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const ms = performance.now() - start;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return { ms, stdout, stderr };
}

export const mlloop = (args, cwd) => timed(process.execPath, [program, ...args], cwd);

/** Milliseconds of each contender by name: one after the other, round after round, so that a busy moment hits all of them. */
export function inTurns(contenders, rounds) {
  const took = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) took[name].push(run());
  }
  return Object.fromEntries(Object.entries(took).map(([name, values]) => [name, median(values)]));
}

export const bareNode = (cwd) => () => timed(process.execPath, ['-e', '0'], cwd).ms;

const TELL =
  'data:text/javascript,process.on("exit",()=>{const u=process.resourceUsage();process.stderr.write("\\nused "+JSON.stringify([u.userCPUTime+u.systemCPUTime,u.maxRSS]))})';

/** What a Node program of one process used: CPU time in milliseconds, which others hardly disturb, and its peak memory. */
export function used(args, cwd) {
  const { stderr } = timed(process.execPath, ['--import', TELL, ...args], cwd);
  const [microseconds, kilobytes] = JSON.parse(/used (.*)$/.exec(stderr)?.[1] ?? '[]');
  return { cpuMs: microseconds / 1000, megabytes: kilobytes / 1024 };
}

export const bareCpu = (cwd) => () => used(['-e', '0'], cwd).cpuMs;

export const mlloopCpu = (args, cwd) => () => used([program, ...args], cwd).cpuMs;

/** What is younger than two seconds is looked at again each time, so nothing is measured before that. */
export async function settle(run) {
  await setTimeout(2500);
  run();
  run();
}

export const ms = (value) => `${value.toFixed(1)} ms`;

/** What each verb took, beside a bare Node: wall time and CPU time, medians by name. */
export function beyondNode(took, cpu) {
  const bare = 'node -e 0';
  const rows = Object.entries(took).map(([name, value]) => [
    name,
    ms(value),
    ms(value - took[bare]),
    ms(cpu[name] - cpu[bare]),
  ]);
  return table([['what', 'took', 'beyond a bare Node', 'of CPU time'], ...rows]);
}
