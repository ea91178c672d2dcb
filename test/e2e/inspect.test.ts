import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { ended, HOME, type Project, saying } from '../rig/project.ts';
import { moduleStage, toyProject } from '../rig/toy.ts';

const DEBUGGER = fileURLToPath(new URL('../rig/debugger.mjs', import.meta.url));

/** Lets a program go that waits for a debugger, and leaves it alone. */
const RELEASE = `const socket = new WebSocket(process.argv[1]);
socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: 'Runtime.runIfWaitingForDebugger' }));
socket.onmessage = () => socket.close();`;

let project: Project;
afterEach(() => project.dispose());

test('a breakpoint in stages/*.ts holds under --inspect', async () => {
  const source = moduleStage(
    "const doubled = ctx.params.n * 2;\n    fs.writeFileSync(ctx.outs['out'] ?? '', String(doubled));",
    'params: Type.Object({ n: Type.Integer() }),',
  );
  project = toyProject({ a: { source, yaml: ['params: { n: 21 }', 'outs: { out: file }'] } });
  expect((await project.mlloop(['run'])).status).toBe(0);
  const [{ code = '' } = {}] = project.rows<{ code: string }>('SELECT code FROM attempt');
  const copy = join(HOME, 'node_modules', '.cache', 'mlloop', 'stages', code, 'stage.mjs');

  const command = project.start(['stage', 'a', '--inspect']);
  const run = ended(command);
  const [, url = ''] = await saying(command, /Debugger listening on (ws:\S+)/);
  const line = source.split('\n').findIndex((text) => text.includes('String(doubled)')) + 1;
  const args = ['--experimental-websocket', '--no-warnings', DEBUGGER, url, copy];
  const seen = await ended(
    spawn(process.execPath, [...args, project.path('stages/a.ts'), String(line), 'doubled'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  expect(seen).toEqual({ status: 0, stdout: '{"value":42}\n', stderr: '' });
  expect((await run).status).toBe(0);
  expect(project.read('artifacts/latest/a/out')).toBe('42');
});

test('a stage that is debugged has workers, which do not listen for a debugger at the same port', async () => {
  const source = `import { defineStage } from 'mlloop/stage/define-stage';
import { Type } from 'typebox';
import { writeFileSync } from 'node:fs';
export const tasks = { options: async () => JSON.stringify(process.execArgv) };
export default defineStage({
  params: Type.Object({}),
  async run(ctx) {
    const called = await ctx.tasks.call({ task: 'options', input: null, seed: 1 });
    writeFileSync(ctx.outs['out'] ?? '', called.ok ? String(called.value.value) : JSON.stringify(called.failure));
  },
});
`;
  project = toyProject({ a: { source, yaml: ['outs: { out: file }'] } });
  const command = project.start(['stage', 'a', '--inspect']);
  const run = ended(command);
  const [, url = ''] = await saying(command, /Debugger listening on (ws:\S+)/);
  const released = await ended(
    spawn(process.execPath, ['--experimental-websocket', '--no-warnings', '-e', RELEASE, url], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  expect(released.status, released.stderr).toBe(0);
  const { status, stderr } = await run;
  expect(status, stderr).toBe(0);
  expect(stderr).not.toContain('Starting inspector');
  expect(project.read('artifacts/latest/a/out')).toBe('[]');
});
