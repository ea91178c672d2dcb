import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeEach, describe, expect, test } from 'vitest';
import { formatFailure } from '../../lib/domain/failure.ts';
import type { TaskPool } from '../../lib/domain/tasks.ts';
import { createLocalPool } from '../../lib/tasks/local-pool.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';

const inFolder = temporaryFolder();

/** Tasks that do what a pool must live with; `once` dies the first time it is called in a folder. */
const TASKS = `import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
export const tasks = {
  square: async (x) => x * x,
  seed: async (_, { seed }) => seed,
  throws: async () => { throw new Error('no luck'); },
  dies: async () => process.kill(process.pid, 'SIGKILL') && new Promise(() => {}),
  exits: async () => process.exit(9),
  once: async (x, { deps }) => {
    const mark = join(deps.marks, 'died');
    if (existsSync(mark)) return x;
    writeFileSync(mark, '');
    process.exit(3);
  },
  big: async (x) => Buffer.alloc(x * 1e6, 1).length,
  lingers: async (_, { progress }) => {
    setImmediate(() => progress({ share: 1 }));
    return 0;
  },
  slow: async (x) => { const end = performance.now() + x; while (performance.now() < end); return process.pid; },
};
`;

beforeEach(async () => {
  writeFileSync(inFolder('tasks.mjs'), TASKS);
  mkdirSync(inFolder('marks'));
  const entry = fileURLToPath(new URL('../../lib/cli/worker-host.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile: inFolder('host.mjs'), bundle: true, format: 'esm', platform: 'node' });
});

const poolOf = (workers: number, signal: AbortSignal): TaskPool =>
  createLocalPool({
    bundle: inFolder('tasks.mjs'),
    hostFile: inFolder('host.mjs'),
    workers,
    deps: { marks: inFolder('marks') },
    signal,
  });

async function withPool<T>(workers: number, use: (pool: TaskPool) => Promise<T>): Promise<T> {
  const pool = poolOf(workers, new AbortController().signal);
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}

const call = (task: string, input = 0) => ({ task, input, seed: 5 });

describe('a pool of workers', () => {
  test.each([1, 2])('of %i answers every call, each with its own result', async (workers) => {
    const answers = await withPool(workers, (pool) =>
      Promise.all(Array.from({ length: 12 }, (_, index) => pool.call(call('square', index)))),
    );
    expect(answers.map((answer) => (answer.ok ? answer.value.value : answer))).toEqual(
      Array.from({ length: 12 }, (_, index) => index * index),
    );
  });

  test('of two works in two processes', async () => {
    const answers = await withPool(2, (pool) =>
      Promise.all([pool.call(call('slow', 100)), pool.call(call('slow', 100))]),
    );
    expect(new Set(answers.map((answer) => (answer.ok ? answer.value.value : '')))).toHaveProperty('size', 2);
  });

  test('starts workers before there is a call, as many as are wanted, and they answer', async () => {
    const pids = await withPool(2, async (pool) => {
      pool.start(1);
      pool.start(9);
      return Promise.all([pool.call(call('slow', 100)), pool.call(call('slow', 100)), pool.call(call('slow', 1))]);
    });
    expect(new Set(pids.map((answer) => (answer.ok ? answer.value.value : '')))).toHaveProperty('size', 2);
  });

  test('tells what each call cost its worker, not what an earlier one did', async () => {
    const [big, small] = await withPool(1, async (pool) => [
      await pool.call(call('big', 200)),
      await pool.call(call('slow', 30)),
    ]);
    if (!big?.ok || !small?.ok) throw new Error('both should have been answered');
    expect(small.value.usage.cpuMs).toBeGreaterThan(0);
    expect(small.value.usage.wallMs).toBeGreaterThanOrEqual(30);
    if (process.platform !== 'linux') return;
    expect(big.value.usage.peakMemoryBytes).toBeGreaterThan(200e6);
  });

  test('hands on the seed of the call', async () => {
    expect(await withPool(1, (pool) => pool.call(call('seed')))).toMatchObject({ ok: true, value: { value: 5 } });
  });

  test('tries a call again when its worker dies under it', async () => {
    expect(await withPool(1, (pool) => pool.call(call('once', 42)))).toMatchObject({ ok: true, value: { value: 42 } });
  });

  test.each([
    ['dies', 'by SIGKILL'],
    ['exits', 'with status 9'],
  ])('gives up on a call under which every worker %s, and goes on with others', async (task, how) => {
    const [dead, alive] = await withPool(1, (pool) =>
      Promise.all([pool.call(call(task)), pool.call(call('square', 3))]),
    );
    expect(alive).toMatchObject({ ok: true, value: { value: 9 } });
    if (dead === undefined || dead.ok) throw new Error('it should have failed');
    expect(formatFailure(dead.failure)).toBe(`The worker of task '${task}' died 3 times, the last time ${how}.
Often this is the system running out of memory; try fewer --workers.`);
  });

  test('tells what a task threw', async () => {
    const answer = await withPool(1, (pool) => pool.call(call('throws')));
    expect(answer.ok ? '' : formatFailure(answer.failure)).toBe('It threw: no luck');
  });

  test('names the tasks there are when one is unknown', async () => {
    const answer = await withPool(1, (pool) => pool.call(call('nothing')));
    expect(answer.ok ? '' : formatFailure(answer.failure)).toBe(
      "The stage exports no task 'nothing'; it exports big, dies, exits, lingers, once, seed, slow, square, throws.",
    );
  });

  test('ends what waits when it is closed', async () => {
    const pending = await withPool(1, async (pool) => {
      const calls = [pool.call(call('slow', 60_000)), pool.call(call('square', 1))];
      return { calls };
    });
    const answers = await Promise.all(pending.calls);
    expect(answers.map((answer) => (answer.ok ? 'ok' : answer.failure.code))).toEqual([
      'STAGE_INTERRUPTED',
      'STAGE_INTERRUPTED',
    ]);
  });

  test('tells every call made after it was stopped that it is', async () => {
    const stop = new AbortController();
    const pool = poolOf(1, stop.signal);
    const running = pool.call(call('slow', 60_000));
    stop.abort();
    const answers = await Promise.all([running, pool.call(call('square', 1))]);
    await pool.close();
    expect(answers.map((answer) => (answer.ok ? 'ok' : answer.failure.code))).toEqual([
      'STAGE_INTERRUPTED',
      'STAGE_INTERRUPTED',
    ]);
  }, 10_000);

  test('tells that no process can be started, and closes', async () => {
    const { execPath } = process;
    process.execPath = inFolder('no-such-node');
    try {
      const answer = await withPool(1, (pool) => pool.call(call('square', 3)));
      if (answer.ok) throw new Error('it should have failed');
      expect(formatFailure(answer.failure)).toMatch(
        /^The worker of task 'square' died 3 times, the last time before it had begun: spawn .*no-such-node ENOENT\.\n/,
      );
    } finally {
      process.execPath = execPath;
    }
  }, 10_000);

  test('hands no progress of a call that is over to the next one', async () => {
    const told: unknown[] = [];
    await withPool(1, async (pool) => {
      await pool.call(call('lingers'));
      await pool.call({ ...call('slow', 50), onProgress: (detail) => told.push(detail) });
    });
    expect(told).toEqual([]);
  });
});
