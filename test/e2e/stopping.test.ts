import { afterEach, describe, expect, test } from 'vitest';
import { ended, saying } from '../rig/project.ts';
import { isAlive, type ScriptedProject, scriptedProject } from '../rig/scripted.ts';

let project: ScriptedProject;
afterEach(() => project.dispose());

const statuses = (): string[] =>
  project
    .rows<{ stage: string; status: string }>('SELECT stage, status FROM attempt ORDER BY id')
    .map(({ stage, status }) => `${stage} ${status}`);

/** A process that does not end when it is asked to. */
const STUBBORN = ['sh', '-c', "trap '' TERM INT HUP; while :; do sleep 5; done"];

describe('Ctrl-C', () => {
  test('ends what is being executed, begins nothing more, and the log says cancelled', async () => {
    project = scriptedProject({ a: {}, b: { after: ['a'] }, c: {} });
    const command = project.start(['run', '--jobs', '1']);
    const run = ended(command);
    const a = await project.began('a');
    command.kill('SIGINT');
    const { status, stderr } = await run;
    expect(status).toBe(130);
    expect(isAlive(a.pid)).toBe(false);
    expect(statuses()).toEqual(['a cancelled', 'b blocked', 'c skipped']);
    expect(project.rows('SELECT status, exit_code FROM run')).toEqual([{ status: 'cancelled', exit_code: 130 }]);
    expect(stderr).toContain('the run was cancelled');
    expect(stderr).toContain('Run 1 cancelled');
  });

  test('a second time ends at once what does not end when asked, and the log still says cancelled', async () => {
    project = scriptedProject({ a: {} });
    const command = project.start(['run']);
    const run = ended(command);
    const a = await project.began('a');
    await a.ignoreSigterm();
    const child = await a.spawn(STUBBORN);
    command.kill('SIGINT');
    await a.askedToEnd();
    command.kill('SIGINT');
    const { status, stderr } = await run;
    expect(status).toBe(130);
    // At once: nobody waited for the end of the stage to tell of it.
    expect(stderr).not.toContain('Run 1 cancelled');
    // What was killed is gone a moment after whoever killed it.
    await expect.poll(() => [isAlive(a.pid), isAlive(child)]).toEqual([false, false]);
    expect(statuses()).toEqual(['a cancelled']);
  });

  test('that npm echoes is one Ctrl-C', async () => {
    project = scriptedProject({ a: {} });
    const command = project.start(['run'], { npm_lifecycle_event: 'pipeline', npm_command: 'run-script' });
    const run = ended(command);
    const a = await project.began('a');
    await a.ignoreSigterm();
    command.kill('SIGINT');
    await a.askedToEnd();
    command.kill('SIGINT');
    const { status, stderr } = await run;
    expect(status).toBe(130);
    expect(stderr).toContain('Run 1 cancelled');
  });

  test('goes on where it was the next time', async () => {
    project = scriptedProject({ a: {}, b: { after: ['a'] } });
    const command = project.start(['run']);
    const run = ended(command);
    (await project.began('a')).finish();
    await project.began('b');
    command.kill('SIGINT');
    await run;
    const again = ended(project.start(['run']));
    (await project.began('b')).finish();
    expect((await again).status).toBe(0);
    expect(project.rows('SELECT stage, status FROM attempt WHERE run = 2 ORDER BY id')).toEqual([
      { stage: 'a', status: 'fresh' },
      { stage: 'b', status: 'succeeded' },
    ]);
  });
});

describe('a timeout', () => {
  test('ends the whole process tree: grandchildren that ignore SIGTERM, and one that left the group', async () => {
    project = scriptedProject({ a: { yaml: ['timeout: 2s'] } });
    const run = ended(project.start(['run']));
    const a = await project.began('a');
    const inside = await a.spawn(STUBBORN);
    const outside = await a.spawn(STUBBORN, { detached: true });
    const { status, stderr } = await run;
    expect(status).toBe(6);
    expect(stderr).toContain('It took longer than its timeout of 2.0 s.');
    expect([a.pid, inside, outside].map(isAlive)).toEqual([false, false, process.platform !== 'linux']);
    expect(statuses()).toEqual(['a timed_out']);
  });
});

test('what a stage leaves behind ends with it', async () => {
  project = scriptedProject({ a: {} });
  const run = ended(project.start(['run']));
  const a = await project.began('a');
  const child = await a.spawn(STUBBORN);
  a.finish();
  expect((await run).status).toBe(0);
  expect(isAlive(child)).toBe(false);
});

test('a runner that is killed leaves a program behind, and the next start ends it', async () => {
  project = scriptedProject({ a: {} });
  const command = project.start(['run']);
  const run = ended(command);
  const a = await project.began('a');
  command.kill('SIGKILL');
  await run;
  expect(isAlive(a.pid)).toBe(true);
  const again = project.start(['run']);
  const ran = ended(again);
  (await project.began('a')).finish();
  expect((await ran).status).toBe(0);
  expect(isAlive(a.pid)).toBe(false);
  expect(project.rows('SELECT status FROM attempt ORDER BY id')).toEqual([
    { status: 'interrupted' },
    { status: 'succeeded' },
  ]);
});

test('a second run refuses and names the holder; with --wait it waits for its turn', async () => {
  project = scriptedProject({ a: {} });
  const first = project.start(['run']);
  const firstRun = ended(first);
  const a = await project.began('a');
  const second = await project.mlloop(['run']);
  expect(second.status).toBe(4);
  expect(second.stderr).toMatch(
    new RegExp(
      `^Another run is at work in this folder: pid ${first.pid}, for \\d+(\\.\\d+)? m?s\\.\\nWait for it to end`,
    ),
  );
  const third = project.start(['run', '--wait']);
  const thirdRun = ended(third);
  await saying(third, /Waiting for the run of pid/);
  a.finish();
  expect((await firstRun).status).toBe(0);
  expect((await thirdRun).status).toBe(0);
  expect(project.rows('SELECT status FROM attempt ORDER BY id')).toEqual([
    { status: 'succeeded' },
    { status: 'fresh' },
  ]);
});
