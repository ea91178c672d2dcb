import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOME } from '../rig/project.ts';

/** The command on a Node that calls itself by another version. */
function onNode(version: string): { readonly status: number | null; readonly stderr: string } {
  const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  const args = ['--import', `data:text/javascript,${encodeURIComponent(older)}`, join(HOME, 'lib/cli/mlloop.mjs')];
  const { status, stderr } = spawnSync(process.execPath, [...args, '--version'], { encoding: 'utf8' });
  return { status, stderr };
}

test('a Node that is too old is named, and nothing else is tried', () => {
  expect(onNode('18.20.4')).toEqual({ status: 2, stderr: 'mlloop needs Node 20.19 or newer; this is 18.20.4.\n' });
  expect(onNode('20.18.1').status).toBe(2);
  expect(onNode('20.19.0')).toEqual({ status: 0, stderr: '' });
});
