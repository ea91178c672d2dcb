import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRng } from '../../../lib/util/rng.ts';
import { copyOfProject } from '../../rig/five-stages.ts';
import { type Project, shippedProject } from '../../rig/project.ts';
import { expectSound, finalState } from '../../rig/soundness.ts';

/** How many runs are killed; 100 were survived before a release. */
const KILLS = Number(process.env['MLLOOP_KILLS'] ?? 10);

const SEED = Number(process.env['MLLOOP_SEED'] ?? Date.now() % 1_000_000);

const QUICK = ['run', '--profile', 'quick'];

/** Stages of the shipped pipeline. */
const STAGES = 8;

let start: Project;
let undisturbed: unknown;
let tookMs = 0;

beforeAll(async () => {
  start = shippedProject();
  const project = copyOfProject(start);
  const startedMs = performance.now();
  const { status, stderr } = await project.mlloop(QUICK);
  tookMs = performance.now() - startedMs;
  expect(status, stderr).toBe(0);
  undisturbed = await finalState(project);
  project.dispose();
}, 300_000);
afterAll(() => start.dispose());

const rng = createRng(SEED);

test.each(Array.from({ length: KILLS }, (_, at) => ({ at: at + 1, share: rng.next() })))(
  `kill $at of ${KILLS} (MLLOOP_SEED=${SEED}), after $share of a quick run: the next one completes it`,
  async ({ share }) => {
    const project = copyOfProject(start);
    try {
      const killed = project.start(QUICK);
      const exit = once(killed, 'exit');
      await Promise.race([exit, setTimeout(share * tookMs)]);
      killed.kill('SIGKILL');
      await exit;
      const { status, stderr } = await project.mlloop(QUICK);
      expect(status, stderr).toBe(0);
      await expectSound(project);
      expect(await finalState(project)).toEqual(undisturbed);
      const idle = await project.mlloop(QUICK);
      expect(idle.stderr.match(/^\w+ +fresh/gm), idle.stderr).toHaveLength(STAGES);
    } finally {
      project.dispose();
    }
  },
);
