import { afterEach, describe, expect, test } from 'vitest';
import { ended, saying } from '../rig/project.ts';
import { type ScriptedProject, scriptedProject } from '../rig/scripted.ts';

let project: ScriptedProject;
afterEach(() => project.dispose());

const statuses = (run = 1): string[] =>
  project
    .rows<{ stage: string; status: string }>(`SELECT stage, status FROM attempt WHERE run = ${run} ORDER BY stage`)
    .map(({ stage, status }) => `${stage} ${status}`);

describe('stages that do not need each other', () => {
  test('are executed side by side, and what needs both waits for both', async () => {
    project = scriptedProject({ a: {}, b: {}, c: { after: ['a', 'b'] } });
    const run = ended(project.start(['run', '--jobs', '2']));
    const [a, b] = await Promise.all([project.began('a'), project.began('b')]);
    b.finish();
    a.finish();
    (await project.began('c')).finish();
    expect((await run).status).toBe(0);
    expect(project.begun.at(-1)).toBe('c');
    expect(statuses()).toEqual(['a succeeded', 'b succeeded', 'c succeeded']);
  });

  test('are executed one after the other with --jobs 1', async () => {
    project = scriptedProject({ a: {}, b: {} });
    const run = ended(project.start(['run', '--jobs', '1']));
    const a = await project.began('a');
    expect(project.begun).toEqual(['a']);
    a.finish();
    (await project.began('b')).finish();
    expect((await run).status).toBe(0);
  });

  test('of one mutex are never executed side by side, others are', async () => {
    project = scriptedProject({ a: { yaml: ['mutex: gpu'] }, b: { yaml: ['mutex: gpu'] }, c: {} });
    const run = ended(project.start(['run', '--jobs', '3']));
    const [a, c] = await Promise.all([project.began('a'), project.began('c')]);
    expect(project.begun).not.toContain('b');
    c.finish();
    a.finish();
    (await project.began('b')).finish();
    expect((await run).status).toBe(0);
  });

  test('begin in another order with another --shuffle', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    project = scriptedProject(Object.fromEntries(names.map((name) => [name, {}])));
    const order = async (seed: number): Promise<readonly string[]> => {
      const from = project.begun.length;
      const run = ended(project.start(['run', '--force', '--jobs', '1', '--shuffle', String(seed)]));
      for (const execution of await inTurn(names)) await execution;
      await run;
      return project.begun.slice(from);
    };
    /** Whatever begins next is told to end. */
    const inTurn = async (all: readonly string[]): Promise<Promise<void>[]> =>
      all.map(async (name) => (await project.began(name)).finish());
    const orders = [await order(1), await order(2), await order(3)];
    for (const one of orders) expect([...one].sort()).toEqual(names);
    expect(new Set(orders.map(String)).size).toBeGreaterThan(1);
  });
});

describe('after a failure', () => {
  test('nothing begins any more, and what is being executed ends in peace', async () => {
    project = scriptedProject({ a: {}, b: {}, c: { after: ['b'] }, d: { after: ['a'] } });
    const command = project.start(['run', '--jobs', '2']);
    const run = ended(command);
    const hasFailed = saying(command, /^a +failed/m);
    const [a, b] = await Promise.all([project.began('a'), project.began('b')]);
    a.fail(3);
    await hasFailed;
    b.finish();
    const { status, stderr } = await run;
    expect(status).toBe(1);
    expect(statuses()).toEqual(['a failed', 'b succeeded', 'c skipped', 'd blocked']);
    expect(stderr).toContain('not begun, because a failed');
    expect(project.begun).not.toContain('c');
  });

  test('with --keep-going what does not need it goes on', async () => {
    project = scriptedProject({ a: {}, b: {}, c: { after: ['b'] }, d: { after: ['a'] } });
    const run = ended(project.start(['run', '--jobs', '1', '--keep-going']));
    (await project.began('a')).fail(3);
    (await project.began('b')).finish();
    (await project.began('c')).finish();
    expect((await run).status).toBe(1);
    expect(statuses()).toEqual(['a failed', 'b succeeded', 'c succeeded', 'd blocked']);
  });
});
