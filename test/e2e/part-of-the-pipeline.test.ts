import { afterEach, describe, expect, test } from 'vitest';
import type { Project } from '../rig/project.ts';
import { moduleStage, toyProject } from '../rig/toy.ts';

let project: Project;
afterEach(() => project.dispose());

const ECHO = moduleStage(
  "fs.writeFileSync(ctx.outs['out'] ?? '', ctx.params.text);",
  'params: Type.Object({ text: Type.String() }),',
);
const COPY = moduleStage("fs.copyFileSync(ctx.deps['in'] ?? '', ctx.outs['out'] ?? '');");

const chain = (): Project =>
  toyProject({
    a: { source: ECHO, yaml: ['params: { text: one }', 'outs: { out: file }'] },
    b: { source: COPY, yaml: ['deps: { in: a.out }', 'outs: { out: file }'] },
    c: { source: COPY, yaml: ['deps: { in: b.out }', 'outs: { out: file }'] },
  });

const turns = (run: number): string[] =>
  project
    .rows<{ stage: string; status: string }>(`SELECT stage, status FROM attempt WHERE run = ${run} ORDER BY id`)
    .map(({ stage, status }) => `${stage} ${status}`);

describe('a part of the pipeline', () => {
  test('takes the latest outs of what comes before it, and one line says that they are of yesterday', async () => {
    project = chain();
    await project.mlloop(['run']);
    const { stderr } = await project.mlloop(['run', '--from', 'b', '--set', 'a.params.text=two']);
    expect(turns(2)).toEqual(['b fresh', 'c fresh']);
    expect(stderr.match(/^warning: .*/gm)).toEqual([
      'warning: what is read was made before a change: a (params.text one -> two). Its last outs are used.',
    ]);
    expect((await project.mlloop(['run', '--only', 'c'])).stderr).not.toContain('warning');
  });

  test('is warned of by `stage`, too, which executes all the same', async () => {
    project = chain();
    await project.mlloop(['run']);
    const { stderr } = await project.mlloop(['stage', 'c', '--set', 'a.params.text=two']);
    expect(turns(2)).toEqual(['c succeeded']);
    expect(stderr).toContain('warning: what is read was made before a change: a (params.text one -> two)');
  });

  test('runs although the code of another stage is broken, and the whole does not', async () => {
    project = chain();
    await project.mlloop(['run']);
    project.write('stages/c.ts', 'export default {');
    expect((await project.mlloop(['stage', 'a'])).status).toBe(0);
    expect((await project.mlloop(['run', '--to', 'b'])).status).toBe(0);
    const whole = await project.mlloop(['run']);
    expect(whole.status).toBe(2);
    expect(whole.stderr).toContain('stages/c.ts could not be bundled');
  });

  test('--force executes one stage, or all', async () => {
    project = chain();
    await project.mlloop(['run']);
    await project.mlloop(['run', '--force', 'b']);
    expect(turns(2)).toEqual(['a fresh', 'b succeeded', 'c fresh']);
    await project.mlloop(['run', '--force']);
    expect(turns(3)).toEqual(['a succeeded', 'b succeeded', 'c succeeded']);
  });
});

describe('plan', () => {
  test('tells what run would do, changes nothing, and exits with 5 when that is asked for', async () => {
    project = chain();
    const first = await project.mlloop(['plan', '--check']);
    expect(first).toMatchObject({ status: 5, stderr: '' });
    expect(first.stdout).toBe(`a  run      first time
b  perhaps  depends on what a will make
c  perhaps  depends on what b will make

Stages: 1 to run, 2 that may have to.
`);
    expect(() => project.read('runs.db')).toThrow(/ENOENT/);
    await project.mlloop(['run']);
    expect((await project.mlloop(['plan', '--check'])).status).toBe(0);
    await project.mlloop(['run', '--set', 'a.params.text=two']);
    expect((await project.mlloop(['plan', '--json'])).stdout).toBe(
      `${JSON.stringify(
        [
          { stage: 'a', verdict: 'cached', why: 'params.text two -> one; as in run 1' },
          { stage: 'b', verdict: 'cached', why: 'in changed; as in run 1' },
          { stage: 'c', verdict: 'cached', why: 'in changed; as in run 1' },
        ],
        undefined,
        2,
      )}\n`,
    );
    expect(project.rows('SELECT id FROM run')).toHaveLength(2);
  });
});

describe('why', () => {
  test('shows the parts of a key that differ, between now and before or between two runs', async () => {
    project = chain();
    await project.mlloop(['run']);
    await project.mlloop(['run', '--set', 'a.params.text=two']);
    expect((await project.mlloop(['why', 'a'])).stdout).toBe(`a would be restored: params.text two -> one; as in run 1
One part of its key differs between run 2 and now:
  params.text  two -> one
`);
    expect(
      (await project.mlloop(['why', 'a', '--run', '1'])).stdout,
    ).toBe(`a would be restored: params.text two -> one; as in run 1
Its key is the same as in run 1.
`);
    expect((await project.mlloop(['why', 'b', '--run', '1', '--run', '2'])).stdout).toMatch(
      /^b\nOne part of its key differs between run 1 and run 2:\n {2}deps\.in {2}[0-9a-f]{12}… -> [0-9a-f]{12}…\n$/,
    );
    const unknown = await project.mlloop(['why', 'a', '--run', '9']);
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toBe(
      'a has made nothing yet in run 9, so there is no key to compare with.\nnpm run runs lists the runs.\n',
    );
  });
});

test('a pipeline of another name asks for its own line of models, although nothing else changed', async () => {
  const named = moduleStage(
    "fs.writeFileSync(ctx.outs['out'] ?? '', await ctx.ask('pipeline', null));",
    "params: Type.Object({}), reads: ['pipeline'],",
  );
  project = toyProject({
    a: { source: named, yaml: ['outs: { out: file }'] },
    b: { source: moduleStage("fs.writeFileSync(ctx.outs['out'] ?? '', 'x');"), yaml: ['outs: { out: file }'] },
  });
  await project.mlloop(['run']);
  project.write('pipeline.yaml', project.read('pipeline.yaml').replace('name: toy', 'name: letters'));
  await project.mlloop(['run']);
  expect(turns(2)).toEqual(['a succeeded', 'b fresh']);
  expect(project.read('artifacts/latest/a/out')).toBe('letters');
});

test('the commands that a failure names work', async () => {
  project = toyProject({
    a: { source: ECHO, yaml: ['params: { text: one }', 'outs: { out: file }'] },
    b: {
      source: moduleStage(
        "if (!fs.existsSync('mended')) throw new Error('no luck'); fs.writeFileSync(ctx.outs['out'] ?? '', '');",
      ),
      yaml: ['deps: { in: a.out }', 'outs: { out: folder }'],
    },
  });
  const failed = await project.mlloop(['run', '--set', 'a.params.text=it is']);
  expect(failed.status).toBe(1);
  const named = /Go on with: npm run pipeline -- (.*)\n/.exec(failed.stderr)?.[1];
  expect(named).toBe("--from b --set 'a.params.text=it is'");
  const inspect = /Look into it with: npm run stage -- (.*)\n/.exec(failed.stderr)?.[1];
  expect(inspect).toBe("b --inspect --set 'a.params.text=it is'");
  const elsewhere = await project.mlloop(['run', '--state', 'else where']);
  expect(elsewhere.stderr).toContain("Go on with: npm run pipeline -- --from b --state 'else where'\n");
  // What a stage throws is in its log, with the file and line of its source.
  expect(project.read('artifacts/logs/1/b.log')).toMatch(/^Error: no luck\n {4}at .*\/stages\/b\.ts:8:41\)?\n/);
  expect(failed.stderr).toContain('Error: no luck\n');
  project.write('stages/b.ts', moduleStage("fs.writeFileSync((ctx.outs['out'] ?? '') + '/x', 'x');"));
  const resumed = await project.mlloop(['run', '--from', 'b', '--set', 'a.params.text=it is']);
  expect(resumed.status).toBe(0);
  expect(turns(2)).toEqual(['b succeeded']);
});
