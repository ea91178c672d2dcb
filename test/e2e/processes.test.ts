import { afterEach, expect, test } from 'vitest';
import type { Project } from '../rig/project.ts';
import { toyProject } from '../rig/toy.ts';

let project: Project;
afterEach(() => project.dispose());

const SIBLINGS = `import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
import { Type } from 'typebox';
const read = (file: string): string => { try { return readFileSync(file, 'utf8'); } catch { return ''; } };
export default defineStage({
  params: Type.Object({}),
  async run(ctx) {
    const others = readdirSync('/proc').filter((name) => /^\\d+$/.test(name) && Number(name) !== process.pid);
    const siblings = others.filter((pid) => read(\`/proc/\${pid}/stat\`).includes(\`) S \${process.ppid} \`));
    writeFileSync(ctx.outs['out'] ?? '', JSON.stringify(siblings.map((pid) => read(\`/proc/\${pid}/cmdline\`))));
  },
});
`;

test.runIf(process.platform === 'linux')(
  'while a stage runs no process is kept that was there for its code',
  async () => {
    project = toyProject({ a: { source: SIBLINGS, yaml: ['outs: { out: file }'] } });
    const { status, stderr } = await project.mlloop(['run']);
    expect(status, stderr).toBe(0);
    expect(project.read('artifacts/latest/a/out')).toBe('[]');
  },
);

const LATE = `import { writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
import { Type } from 'typebox';
export const tasks = {
  late: () => new Promise(() => {
    setTimeout(() => { throw new TypeError('too late'); });
  }),
};
export default defineStage({
  params: Type.Object({}),
  async run(ctx) {
    const called = await ctx.tasks.call({ task: 'late', input: null, seed: 1 });
    writeFileSync(ctx.outs['out'] ?? '', JSON.stringify(called.ok ? 'answered' : called.failure.fields));
  },
});
`;

test('what ends a worker is in the log, with the line of its source', async () => {
  project = toyProject({ a: { source: LATE, yaml: ['outs: { out: file }'] } });
  const { status, stderr } = await project.mlloop(['run']);
  expect(status, stderr).toBe(0);
  expect(JSON.parse(project.read('artifacts/latest/a/out'))).toEqual({ task: 'late', tries: 3, how: 'with status 1' });
  const told = project
    .read('artifacts/logs/1/a.log')
    .split('\n')
    .filter((line) => !line.includes('node:internal'));
  const once = ['TypeError: too late', expect.stringMatching(/^ {4}at .*\/stages\/a\.ts:6:30\)$/)];
  expect(told).toEqual([...once, ...once, ...once, '']);
});
