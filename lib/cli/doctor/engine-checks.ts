import { type Check, fine, warn } from '../../domain/check.ts';
import { probeEngine } from '../../ml/probe-engine.ts';

const BACKENDS = { node: 'native (tfjs-node)', wasm: 'WebAssembly', cpu: 'plain JavaScript' } as const;

/** Every engine there is, and how it runs here. */
export async function checkEngines(packagesFolder: string): Promise<readonly Check[]> {
  return [await checkTensorFlow(packagesFolder)];
}

async function checkTensorFlow(packagesFolder: string): Promise<Check> {
  const { version, backend, why } = await probeEngine(packagesFolder);
  const text = `${version}, ${BACKENDS[backend]}`;
  const [reason = '', next = ''] = why.split('; to get it: ');
  return why === '' ? fine('tfjs', text) : warn('tfjs', `${text}, because ${reason}`, `For the native one: ${next}`);
}
