import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { Project } from '../rig/project.ts';
import { twoStageProject } from '../rig/small-projects.ts';
import { told } from '../rig/told.ts';

let project: Project;
afterEach(() => project.dispose());

const say = (word: string): Promise<{ stderr: string }> =>
  project.mlloop(['run', '--set', `first.params.word=${word}`]);

/** Three runs of other words, of which only the last one is to be kept. */
async function threeRuns(): Promise<string> {
  project = twoStageProject();
  project.write('pipeline.yaml', `${project.read('pipeline.yaml')}keep: { runs: 1, days: 0 }\n`);
  await say('one');
  await say('two');
  return (await say('three')).stderr;
}

const objects = (): string[] =>
  readdirSync(project.path('artifacts/objects'))
    .flatMap((folder) => readdirSync(project.path('artifacts/objects', folder)))
    .sort();

test('a run says what it added and what could be freed; gc frees just that, and the last run stands', async () => {
  const summary = told(await threeRuns());
  expect(summary).toContain('artifacts  <size>, <size> of it new; npm run mlloop -- gc would free <size>\n');
  const before = objects();
  const dry = await project.mlloop(['gc', '--dry-run']);
  expect(dry.status).toBe(0);
  expect(told(dry.stdout)).toBe(`Would free <size>; nothing was changed:
      4  outs of runs that are not kept  <size>
      2  folders of links of runs that are not kept
      4  logs of runs that are not kept  <size>
Kept, <size>: the last run, those of the last 0 days, those that made a registered version, and what stands for each stage now.
`);
  expect(objects()).toEqual(before);
  const freed = await project.mlloop(['gc', '--json']);
  expect(JSON.parse(freed.stdout)).toMatchObject({
    dryRun: false,
    kinds: [
      { kind: 'outs', count: 4 },
      { kind: 'code', count: 0 },
      { kind: 'unknown', count: 0 },
      { kind: 'temporary', count: 0 },
      { kind: 'links', count: 2 },
      { kind: 'logs', count: 4 },
      { kind: 'inputs', count: 0 },
      { kind: 'answers', count: 0 },
    ],
    keep: { runs: 1, days: 0 },
  });
  expect(objects()).toHaveLength(before.length - 4);
  expect(readdirSync(project.path('artifacts/runs'))).toEqual(['3']);
  expect(project.read('artifacts/latest/second/copies/a.txt')).toBe('three world');
  expect((await project.mlloop(['gc'])).stdout).toMatch(/^Nothing to free\.\nKept, /);

  const again = told((await say('three')).stderr);
  expect(again).toContain('first  fresh  nothing changed');
  expect(again).toMatch(/artifacts {2}<size>\n/);
  // What was freed is made again, never taken for whole.
  const one = told((await say('one')).stderr);
  expect(one).toContain('first  ran  <time>  params.word three -> one');
  expect(project.read('artifacts/latest/second/copies/a.txt')).toBe('one world');
});

test('the code of runs that are not kept is freed, too, and a run that died leaves nothing behind', async () => {
  await threeRuns();
  project.write('stages/second.ts', project.read('stages/second.ts').replace('and', 'with'));
  const killed = await project.mlloop(['run'], { MLLOOP_FAULT: 'KILL@commit.before#2' });
  expect(killed.status).toBe(null);
  // The outs of the attempt that never ended are in the store, and nobody knows of them.
  expect(JSON.parse((await project.mlloop(['gc', '--dry-run', '--json'])).stdout).kinds[2]).toMatchObject({
    kind: 'unknown',
    count: 1,
  });
  await project.mlloop(['run']);
  const { stdout } = await project.mlloop(['gc']);
  expect(told(stdout)).toContain('      1  code of runs that are not kept  <size>');
  expect(told((await project.mlloop(['run'])).stderr)).toContain('second  fresh  nothing changed');
});

test('gc that is killed between its two steps loses nothing, and the next one ends the work', async () => {
  await threeRuns();
  const killed = await project.mlloop(['gc'], { MLLOOP_FAULT: 'KILL@gc.marked' });
  expect(killed.status).toBe(null);
  expect(project.rows('SELECT count(*) AS n FROM artifact WHERE freed_at IS NOT NULL')).toEqual([{ n: 4 }]);
  expect(told((await say('three')).stderr)).toContain('second  fresh  nothing changed');
  // Said to be freed and still there: it is taken, because its bytes are looked at.
  expect(told((await say('one')).stderr)).toContain('first  cached');
  const { stdout } = await project.mlloop(['gc']);
  expect(told(stdout)).toContain('      4  outs of runs that are not kept');
  expect(project.rows('SELECT count(*) AS n FROM artifact WHERE freed_at IS NOT NULL')).toEqual([{ n: 4 }]);
  expect(told((await say('one')).stderr)).toContain('second  fresh  nothing changed');
});

test('nothing is freed where pipeline.yaml does not say what to keep, or while a run is at work', async () => {
  await threeRuns();
  const before = objects();
  project.write(
    'stages/first.ts',
    project
      .read('stages/first.ts')
      .replace('writeFileSync(ctx', 'await new Promise(() => setInterval(() => 0, 1000)); writeFileSync(ctx'),
  );
  const run = project.start(['run']);
  await new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (!existsSync(project.path('artifacts/tmp/4-first'))) return;
      clearInterval(look);
      resolve();
    }, 20);
  });
  const busy = await project.mlloop(['gc']);
  run.kill('SIGINT');
  await new Promise((resolve) => run.once('close', resolve));
  expect(busy.status).toBe(4);
  expect(busy.stderr).toContain(`Another run is at work in this folder: pid ${run.pid}`);
  writeFileSync(project.path('pipeline.yaml'), 'keep: [');
  expect((await project.mlloop(['gc'])).status).toBe(2);
  expect(before.filter((hash) => !objects().includes(hash))).toEqual([]);
});
