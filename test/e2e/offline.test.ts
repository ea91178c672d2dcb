import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Project, tinyProject } from '../rig/project.ts';

let project: Project;
let mirror: Server;

/** A mirror that hangs up on whoever calls: a network that is not there. */
beforeAll(async () => {
  project = tinyProject();
  mirror = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  mirror.close();
  project.dispose();
});

test('without data and network the declared fallback is used, which is said, on a line of its own', async () => {
  const address = mirror.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { status, stderr } = await project.mlloop([
    'run',
    '--profile',
    'tiny',
    '--set',
    `collect.params={source: mnist, fallback: synthetic-digits, synthetic: {train: 800, test: 200}, mnist: {mirrors: ["http://127.0.0.1:${port}/"]}}`,
  ]);
  expect(status, stderr).toBe(0);
  expect(stderr).toContain('GENERATED DATA: a program made these rows');
  expect(stderr).toContain(`dataset     synthetic-digits: 800 training rows, 200 test rows
            mnist was neither here nor to be downloaded: the declared fallback was used`);
  expect(project.rows('SELECT line FROM alias')).toEqual([{ line: 'digits-demo' }]);
  expect(existsSync(project.path('data', 'mnist', 'train-images-idx3-ubyte.gz'))).toBe(false);
});
