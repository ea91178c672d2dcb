import { type Check, fine, warn } from '../../domain/check.ts';
import { probeEngines } from '../../ml/probe-engines.ts';

const BACKENDS = { node: 'native (tfjs-node)', wasm: 'WebAssembly', cpu: 'plain JavaScript' } as const;

/** Every engine there is, and how it runs here. */
export async function checkEngines(packagesFolder: string): Promise<readonly Check[]> {
  const { onnx, tfjs } = await probeEngines(packagesFolder);
  return [checkOnnx(onnx), checkTensorFlow(tfjs)];
}

type Offer = Awaited<ReturnType<typeof probeEngines>>;

function checkOnnx(onnx: Offer['onnx']): Check {
  if (!('problem' in onnx)) return fine('onnx', `${onnx.version}, compiled training`);
  return warn('onnx', onnx.problem, 'Models are trained with TensorFlow.js until it loads: the same, slower.');
}

function checkTensorFlow({ version, backend, why }: Offer['tfjs']): Check {
  const text = `${version}, ${BACKENDS[backend]}`;
  const [reason = '', next = ''] = why.split('; to get it: ');
  return why === '' ? fine('tfjs', text) : warn('tfjs', `${text}, because ${reason}`, `For the native one: ${next}`);
}
