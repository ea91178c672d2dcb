import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { env, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import type { EngineChoice } from '../../domain/engine.ts';
import { packagesFolder } from '../../util/packages-folder.ts';

/** Makes the chosen backend the one in use; does nothing when it already is. Throws when it does not load. */
export async function useBackend(backend: EngineChoice['backend']): Promise<void> {
  const wanted = backend === 'node' ? 'tensorflow' : backend;
  if (getBackend() === wanted) return;
  // Its checks of every number are ours, once a step; and its advice is for browsers.
  env().set('PROD', true);
  // The layers package brings the table of gradients; core alone has none.
  await import('@tensorflow/tfjs-layers');
  if (backend === 'wasm') {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${wasmFolder()}${sep}`);
  } else if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  else await import('@tensorflow/tfjs-node');
  if (!(await setBackend(wanted))) throw new Error(`the TensorFlow.js backend ${wanted} did not start`);
  await ready();
}

function wasmFolder(): string {
  const require = createRequire(join(packagesFolder(), 'package.json'));
  return dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));
}
