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
