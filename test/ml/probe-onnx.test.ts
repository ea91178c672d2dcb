import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { probeOnnx } from '../../lib/ml/probe-onnx.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { HOME } from '../rig/project.ts';

const inFolder = temporaryFolder();

/** A folder in which the package is installed, with a library that is none. */
function brokenInstallation(platform: string = process.platform): string {
  const folder = inFolder('project');
  const packaged = join(folder, 'node_modules', 'onnxruntime-node');
  const library = join(packaged, 'bin', 'napi-v6', platform, process.arch);
  mkdirSync(library, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(packaged, 'package.json'), JSON.stringify({ version: '9.9.9', main: 'index.js' }));
  writeFileSync(join(packaged, 'index.js'), "throw new Error('invalid ELF header\\nand more')");
  writeFileSync(join(library, 'onnxruntime_binding.node'), 'no library');
  return folder;
}

test('ONNX Runtime is found where it is installed', async () => {
  expect(await probeOnnx(HOME)).toMatchObject({ engine: 'onnx', backend: 'cpu', version: expect.any(String), why: '' });
});

test('where it is not installed, that is said with what to do', async () => {
  expect(await probeOnnx(inFolder('empty'))).toEqual({
    problem: 'onnxruntime-node is not installed; to get it: npm install',
  });
});

test('a platform it has no library for is named', async () => {
  expect(await probeOnnx(brokenInstallation('plan9'))).toEqual({
    problem: `onnxruntime-node 9.9.9 has no library for ${process.platform} ${process.arch}`,
  });
});

test('a library that does not load is said so in its own first line, and is not tried again until it is another one', async () => {
  const folder = brokenInstallation();
  const problem = 'onnxruntime-node 9.9.9 does not load here: invalid ELF header';
  expect(await probeOnnx(folder)).toEqual({ problem });
  const index = join(folder, 'node_modules/onnxruntime-node/index.js');
  writeFileSync(index, 'module.exports = {}');
  expect(await probeOnnx(folder)).toEqual({ problem });
  const library = join(folder, 'node_modules/onnxruntime-node/bin/napi-v6', process.platform, process.arch);
  writeFileSync(join(library, 'onnxruntime_binding.node'), 'another one');
  expect(await probeOnnx(folder)).toEqual({ engine: 'onnx', backend: 'cpu', version: '9.9.9', why: '' });
});
