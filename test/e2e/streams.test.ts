import { execFileSync, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, openSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ended, HOME, type Project, saying } from '../rig/project.ts';
import { servedProject } from '../rig/served-project.ts';
import { twoStageProject } from '../rig/small-projects.ts';

let project: Project;
afterEach(() => project.dispose());

describe('what reads the output', () => {
  test('may go away, and the run goes on', async () => {
    project = twoStageProject();
    const child = project.start(['run']);
    child.stdout?.destroy();
    child.stderr?.destroy();
    expect((await ended(child)).status).toBe(0);
    expect(project.rows('SELECT status, exit_code FROM run')).toEqual([{ status: 'succeeded', exit_code: 0 }]);
  });

  test('may have seen enough', async () => {
    project = twoStageProject();
    await project.mlloop(['run']);
    const child = project.start(['show', '--json']);
    child.stdout?.destroy();
    expect(await ended(child)).toMatchObject({ status: 0, stderr: '' });
  });

  // Takes no byte, as a full disk.
  test.skipIf(!existsSync('/dev/full'))('is told where it did not get all', async () => {
    project = twoStageProject();
    await project.mlloop(['run']);
    const child = spawn(process.execPath, [join(HOME, 'lib/cli/mlloop.mjs'), 'runs'], {
      cwd: project.root,
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    });
    expect(await ended(child)).toMatchObject({
      status: 2,
      stderr: `Not all of the answer could be written to where it was to go (stdout): ENOSPC: no space left on device, write.
What is there is not whole. Make room, or send it somewhere else, and ask again.
`,
    });
  });
});

// Takes no byte, as a full disk: the logger's own stream tried again for ever, deaf to SIGTERM.
test.skipIf(!existsSync('/dev/full'))(
  'a server whose log cannot be written answers, and stops when it is asked to',
  async () => {
    project = await servedProject();
    const args = [join(HOME, 'lib/cli/mlloop.mjs'), 'serve', '--port', '0', '--log-level', 'debug'];
    const stdio: StdioOptions = ['ignore', openSync('/dev/full', 'w'), 'pipe'];
    const child = spawn(process.execPath, args, { cwd: project.root, stdio });
    const end = ended(child);
    const [, url = ''] = await saying(child, /Listening on (\S+)\n/);
    expect((await fetch(`${url}/v2/health/live`)).status).toBe(200);
    expect((await fetch(`${url}/v2/health/live`)).status).toBe(200);
    child.kill('SIGTERM');
    expect((await end).status).toBe(0);
  },
);

describe('a file that is named to be written', () => {
  test('may be a link: what it points at is written', async () => {
    project = twoStageProject();
    project.write('real.json', '');
    symlinkSync('real.json', project.path('link.json'));
    expect((await project.mlloop(['check', '--schema', 'link.json'])).status).toBe(0);
    expect(lstatSync(project.path('link.json')).isSymbolicLink()).toBe(true);
    expect(JSON.parse(project.read('real.json'))).toMatchObject({ title: 'mlloop pipeline' });
  });

  test('may be a pipe, and stays one', async () => {
    project = twoStageProject();
    execFileSync('mkfifo', [project.path('pipe')]);
    const reader = ended(spawn('cat', [project.path('pipe')]));
    expect((await project.mlloop(['check', '--schema', 'pipe'])).status).toBe(0);
    expect(JSON.parse((await reader).stdout)).toMatchObject({ title: 'mlloop pipeline' });
    expect(lstatSync(project.path('pipe')).isFIFO()).toBe(true);
  });

  test('and is a folder is told', async () => {
    project = twoStageProject();
    mkdirSync(project.path('folder'));
    const { status, stderr } = await project.mlloop(['check', '--schema', 'folder']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^folder cannot be written: it is a folder/);
  });
});

describe('a folder that cannot be one', () => {
  test.each([
    ['a file', 'notes.txt', 'not a directory'],
    ['below a file', 'notes.txt/state', 'not a directory'],
    ['among processes', '/proc/state', 'no such file or directory'],
  ])('as %s is told', async (_, state, problem) => {
    project = twoStageProject();
    // It once looked for a place for ever, deaf to SIGTERM.
    const child = spawnSync(process.execPath, [join(HOME, 'lib/cli/mlloop.mjs'), 'run', '--state', state], {
      cwd: project.root,
      encoding: 'utf8',
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    expect(child.status).toBe(2);
    expect(child.stderr).toMatch(
      new RegExp(
        `cannot be written to: \\w+: ${problem}.*\\nMake the folder writable, or name another one with --state DIR`,
      ),
    );
  });

  test('as the root is told', async () => {
    project = twoStageProject();
    const { status, stderr } = await project.mlloop(['run', '--root', 'notes.txt']);
    expect(status).toBe(2);
    expect(stderr.replaceAll(project.root, '<root>')).toBe(
      'There is no <root>/notes.txt/pipeline.yaml.\nGo to the folder that holds pipeline.yaml, or name it with --root DIR.\n',
    );
  });
});
