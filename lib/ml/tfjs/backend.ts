import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import type { EngineChoice } from '../../domain/engine.ts';
import { packagesFolder } from '../../util/packages-folder.ts';

/** TensorFlow.js' core. It takes a fifth of a second to load, so only who computes with it does. */
export type Tf = typeof import('@tensorflow/tfjs-core');

/** Loads TensorFlow.js with the chosen backend in use. Throws when it does not load. */
export async function useBackend(backend: EngineChoice['backend']): Promise<Tf> {
  const tf = await import('@tensorflow/tfjs-core');
  const wanted = backend === 'node' ? 'tensorflow' : backend;
  // The layers package brings the table of gradients; core alone has none.
  await import('@tensorflow/tfjs-layers');
  if (tf.getBackend() === wanted) return tf;
  // Its checks of every number are ours, once a step; and its advice is for browsers.
  tf.env().set('PROD', true);
  if (backend === 'wasm') {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${wasmFolder()}${sep}`);
  } else if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  else await import('@tensorflow/tfjs-node');
  if (!(await tf.setBackend(wanted))) throw new Error(`the TensorFlow.js backend ${wanted} did not start`);
  await tf.ready();
  return tf;
}

function wasmFolder(): string {
  const require = createRequire(join(packagesFolder(), 'package.json'));
  return dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));
}
