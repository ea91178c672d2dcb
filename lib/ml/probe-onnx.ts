import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { EngineOffer } from '../domain/engine.ts';
import { writeFileAtomic } from '../util/fs-atomic.ts';
import { silenceRuntime } from './onnx/runtime.ts';

const PACKAGE = join('node_modules', 'onnxruntime-node');

/** Where the answer of the last look is kept, beside the bundles. */
const NOTE = join('node_modules', '.cache', 'mlloop', 'onnxruntime.json');

interface Note {
  /** The library that was tried, and by which Node. */
  readonly of: string;
  /** Why it did not load; empty when it did. */
  readonly problem: string;
}

/**
 * Whether ONNX Runtime loads here. Only loading it tells (an old system library is enough to stop it), which costs 15 ms
 * and more, so the answer is noted and holds until the library or Node is another one.
 */
export async function probeOnnx(folder: string): Promise<EngineOffer['onnx']> {
  const manifest = join(folder, PACKAGE, 'package.json');
  if (!existsSync(manifest)) return { problem: 'onnxruntime-node is not installed; to get it: npm install' };
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  const { platform, arch } = process;
  const library = join(folder, PACKAGE, 'bin', 'napi-v6', platform, arch, 'onnxruntime_binding.node');
  if (!existsSync(library)) return { problem: `onnxruntime-node ${version} has no library for ${platform} ${arch}` };
  const { size, mtimeMs } = statSync(library);
  const of = `${version} ${size} ${mtimeMs} ${process.version} ${platform} ${arch}`;
  const known = readNote(join(folder, NOTE));
  const problem = known?.of === of ? known.problem : tryLoading(folder, version, of);
  return problem === '' ? { engine: 'onnx', backend: 'cpu', version, why: '' } : { problem };
}

function readNote(file: string): Note | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Note;
  } catch {
    // Not there, or cut off: then it is tried again.
    return undefined;
  }
}

function tryLoading(folder: string, version: string, of: string): string {
  let problem = '';
  try {
    silenceRuntime();
    createRequire(join(folder, 'package.json'))('onnxruntime-node');
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    problem = `onnxruntime-node ${version} does not load here: ${first}`;
  }
  try {
    writeFileAtomic(join(folder, NOTE), JSON.stringify({ of, problem } satisfies Note));
  } catch {
    // A folder that may not be written to is no reason not to train; the next start tries again.
  }
  return problem;
}
