import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineChoice, EngineOffer } from '../domain/engine.ts';
import { probeOnnx } from './probe-onnx.ts';

const SCOPE = join('node_modules', '@tensorflow');

/** The library the native backend cannot do without; its download is what fails on a closed network. */
const NATIVE_LIBRARIES = ['libtensorflow.so.2', 'libtensorflow.2.dylib', 'tensorflow.dll'];

/** The engines that work in a folder. */
export const probeEngines = async (folder: string): Promise<EngineOffer> => ({
  tfjs: probeTfjs(folder),
  onnx: await probeOnnx(folder),
});

/**
 * Which backend of TensorFlow.js works in a folder: the native one where it could be installed, else WebAssembly, else
 * plain JavaScript. Looks at what is installed; loading is left to the stage, whose process it costs time.
 */
export function probeTfjs(folder: string): EngineChoice {
  const version = versionOf(folder, 'tfjs-core') ?? 'unknown';
  const choice = { engine: 'tfjs', version } as const;
  const why = nativeProblem(folder);
  if (why === undefined) return { ...choice, backend: 'node', why: '' };
  return { ...choice, backend: versionOf(folder, 'tfjs-backend-wasm') === undefined ? 'cpu' : 'wasm', why };
}

/** Why the native backend is not there and how to get it; undefined when it is. */
function nativeProblem(folder: string): string | undefined {
  const get = 'npm install @tensorflow/tfjs-node, on a network that reaches storage.googleapis.com';
  if (versionOf(folder, 'tfjs-node') === undefined) return `tfjs-node is not installed; to get it: ${get}`;
  const libraries = join(folder, SCOPE, 'tfjs-node', 'deps', 'lib');
  if (NATIVE_LIBRARIES.some((name) => existsSync(join(libraries, name)))) return undefined;
  return `tfjs-node is installed without its native library; to get it: ${get}`;
}

function versionOf(folder: string, name: string): string | undefined {
  const file = join(folder, SCOPE, name, 'package.json');
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
