import { readdirSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentOf } from '../../../lib/cache/content.ts';
import { FAULT_POINTS, type FaultPoint } from '../../../lib/util/fault.ts';
import { changeEveryStage, copyOfProject, fiveStageProject } from '../../rig/five-stages.ts';
import type { Execution, Project } from '../../rig/project.ts';
import { expectSound, finalState } from '../../rig/soundness.ts';

/** A run that finds nothing, and one that finds what an earlier one made and has to make all of it anew. */
const SITUATIONS = ['the first run', 'a run after an edit'] as const;

type Situation = (typeof SITUATIONS)[number];

/** Points a run comes by; clearing up, and what people do with aliases, have tests of their own. */
const RUN_POINTS = FAULT_POINTS.filter((point) => !point.startsWith('gc.') && point !== 'alias.recorded');

/** Where only links for people are made: that they cannot be is told, and the run is done. */
const LINK_POINTS: readonly FaultPoint[] = ['links.before', 'alias.before-rename'];

/** One stage after the other, so that a point is come by as often each time. */
const RUN = ['run', '--jobs', '1'];

const STAGES = 5;

let before: Record<Situation, Project>;
const undisturbed = new Map<Situation, unknown>();
/** How often each point is come by. */
const times = new Map<Situation, ReadonlyMap<string, number>>();
let goodOuts: readonly string[] = [];

beforeAll(async () => {
  const edited = fiveStageProject();
  expect((await edited.mlloop(RUN)).status).toBe(0);
  goodOuts = edited
    .rows<{ hash: string }>("SELECT DISTINCT hash FROM attempt_artifact WHERE role = 'out'")
    .map(({ hash }) => hash);
  changeEveryStage(edited);
  before = { 'the first run': fiveStageProject(), 'a run after an edit': edited };
  for (const situation of SITUATIONS) {
    const project = copyOfProject(before[situation]);
    const { status, stderr } = await project.mlloop(RUN, { MLLOOP_FAULT: 'TRACE@all' });
    expect(status, stderr).toBe(0);
    const counts = new Map<string, number>();
    for (const [, point = ''] of stderr.matchAll(/^fault point (.*)$/gm)) {
      counts.set(point, (counts.get(point) ?? 0) + 1);
    }
    times.set(situation, counts);
    undisturbed.set(situation, await finalState(project));
    project.dispose();
  }
});
afterAll(() => {
  for (const project of Object.values(before)) project.dispose();
});

/** Every time a point is come by where MLLOOP_KILLS is set; else the first, one in the middle, and the last. */
function occasions(situation: Situation, point: FaultPoint): readonly number[] {
  const count = times.get(situation)?.get(point) ?? 0;
  expect(count, `${situation} never comes by ${point}`).toBeGreaterThan(0);
  if (process.env['MLLOOP_KILLS'] !== undefined) return Array.from({ length: count }, (_, at) => at + 1);
  if (situation === 'the first run') return [1];
  return [...new Set([1, (count + 1) >> 1, count])];
}

/** What an earlier run made is there, whole, and what people look at leads to something. */
async function expectLastGoodOuts(project: Project): Promise<void> {
  for (const hash of goodOuts) {
    expect((await contentOf(project.path('artifacts', 'objects', hash.slice(0, 2), hash))).hash).toBe(hash);
  }
  const latest = project.path('artifacts', 'latest');
  for (const name of readdirSync(latest, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.tmp')) expect(statSync(project.path('artifacts', 'latest', name)).size).toBeGreaterThan(0);
  }
}

/** The next plain run completes, to the same bytes as if nothing had happened, and then nothing is left to do. */
async function expectRecovery(project: Project, situation: Situation): Promise<void> {
  const next = await project.mlloop(RUN);
  expect(next.status, next.stderr).toBe(0);
  await expectSound(project);
  expect(await finalState(project)).toEqual(undisturbed.get(situation));
  const idle = await project.mlloop(['run']);
  expect(idle.stderr.match(/^\w+ +fresh/gm), idle.stderr).toHaveLength(STAGES);
}

/** Runs with a fault in a copy of the project, looks at how it ended, and at what comes after. */
async function disturb(situation: Situation, fault: string, look: (execution: Execution) => void): Promise<void> {
  const project = copyOfProject(before[situation]);
  try {
    look(await project.mlloop(RUN, { MLLOOP_FAULT: fault }));
    if (situation === 'a run after an edit') await expectLastGoodOuts(project);
    await expectRecovery(project, situation);
  } finally {
    project.dispose();
  }
}

const FULL = /cannot be written to: no room is left on the device\./;

describe.each(SITUATIONS)('%s', (situation) => {
  test.each(RUN_POINTS)('killed at %s: the next one completes as if nothing had happened', async (point) => {
    for (const nth of occasions(situation, point)) {
      await disturb(situation, `KILL@${point}#${nth}`, ({ signal }) => expect(signal).toBe('SIGKILL'));
    }
  });

  test.each(RUN_POINTS)('with a full disk at %s says so, and the next one completes', async (point) => {
    for (const nth of occasions(situation, point)) {
      await disturb(situation, `ENOSPC@${point}#${nth}`, ({ status, stderr }) => {
        // The last file that is written in one piece only makes the next start faster, and links are only for people.
        const isMemo = point.startsWith('atomic.') && nth === times.get(situation)?.get(point);
        if (!isMemo) expect(stderr, `${point}#${nth}`).toMatch(FULL);
        expect(status, `${point}#${nth}: ${stderr}`).toBe(isMemo || LINK_POINTS.includes(point) ? 0 : 1);
      });
    }
  });
});
