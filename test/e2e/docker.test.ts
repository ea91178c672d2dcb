import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { copyContext, dockerStages, textsOf } from '../rig/dockerfile.ts';
import { ended, HOME, saying } from '../rig/project.ts';
import { type VersionsProject, versionsProject } from '../rig/versions-project.ts';

let project: VersionsProject;
let server: ChildProcess | undefined;
afterEach(() => {
  server?.kill('SIGKILL');
  project.dispose();
});

const [packages = [], image = []] = dockerStages();

/** The image's own folders, on this machine. */
const onThisMachine = (text: string, app: string, state: string): string =>
  text.replaceAll('/app', app).replaceAll('/state', state).replaceAll('node:node', '"$(id -u):$(id -g)"');

describe('the Dockerfile, as far as a machine without Docker can tell', () => {
  test('copies files there are, builds, starts, tells its health, and stops by SIGTERM with 0', async () => {
    project = await versionsProject(1);
    const app = project.path('app');
    mkdirSync(app);
    const taken = copyContext(app);
    expect(taken).toEqual(expect.arrayContaining(['pipeline.yaml', 'lib/cli/mlloop.mjs', 'stages/train.ts']));
    expect(taken.filter((file) => /^(test|bench|\.git|artifacts|node_modules)\//.test(file))).toEqual([]);
    const sources = textsOf(packages, 'COPY').flatMap((text) => text.split(' ').slice(0, -1));
    expect(sources.filter((file) => !existsSync(join(app, file)))).toEqual([]);
    symlinkSync(join(HOME, 'node_modules'), join(app, 'node_modules'));

    const run = (command: string, env: Readonly<Record<string, string>> = {}) =>
      spawnSync('sh', ['-c', command], { cwd: app, encoding: 'utf8', env: { ...process.env, ...env } });
    for (const text of textsOf(image, 'RUN')) {
      const { status, stderr } = run(onThisMachine(text, app, project.root));
      expect(status, stderr).toBe(0);
    }
    expect(textsOf(image, 'USER')).toEqual(['node']);
    expect(textsOf(image, 'VOLUME')).toEqual(['/state']);

    const [program = '', ...args] = JSON.parse(
      onThisMachine(textsOf(image, 'CMD')[0] ?? '', app, project.root),
    ) as string[];
    expect(program).toBe('node');
    const free = args.map((arg) => (arg === '8080' ? '0' : arg));
    // The image serves the pipeline's own line; the model of this test is in another.
    server = spawn(process.execPath, [...free, '--line', 'toy'], {
      cwd: app,
      env: { ...process.env, MLLOOP_TOKEN: 'a-token-of-this-test' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = ended(server);
    const [, port = ''] = await saying(server, /Listening on http:\/\/0\.0\.0\.0:(\d+)/);
    const [, check = ''] = / CMD (.*)$/.exec(` ${textsOf(image, 'HEALTHCHECK')[0]}`) ?? [];
    const health = (): number | null => run(check.replace('8080', port)).status;
    expect(health()).toBe(1);
    project.promote(1);
    while (health() !== 0);
    server.kill('SIGTERM');
    expect((await end).status).toBe(0);
    expect(health()).toBe(1);
  });
});
