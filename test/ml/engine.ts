import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatFailure } from '../../lib/domain/failure.ts';
import { createEngine } from '../../lib/ml/create-engine.ts';
import type { Engine, FitRequest, Fitted, Weight } from '../../lib/ml/engine.ts';
import { HOME } from '../rig/project.ts';

export const CHOICE = { engine: 'tfjs', backend: 'wasm', version: '4.22.0', why: '' } as const;

const { version } = JSON.parse(readFileSync(join(HOME, 'node_modules/onnxruntime-node/package.json'), 'utf8')) as {
  readonly version: string;
};

const ONNX_CHOICE = { engine: 'onnx', backend: 'cpu', version, why: '' } as const;

/** TensorFlow.js on the backend that is there on every machine and is fast. */
export const wasmEngine = (): Promise<Engine> => createEngine(CHOICE);

/** TensorFlow.js on the backend that has every kernel. */
export const plainEngine = (): Promise<Engine> => createEngine({ ...CHOICE, backend: 'cpu' });

const nativeEngine = (): Promise<Engine> => createEngine({ ...CHOICE, backend: 'node' });

export const onnxEngine = (): Promise<Engine> => createEngine(ONNX_CHOICE);

/** What every engine has to be able to do is asked of each of these. */
export const ENGINES: readonly (readonly [string, () => Promise<Engine>])[] = [
  ['tfjs', wasmEngine],
  ['onnx', onnxEngine],
  // Its library comes from a host that many machines do not reach, so where it has to be there is said.
  ...(process.env['MLLOOP_TEST_NATIVE'] === '1' ? [['tfjs, native', nativeEngine] as const] : []),
];

export async function fitOrThrow(engine: Engine, request: FitRequest): Promise<Fitted> {
  const result = await engine.fit(request);
  if (!result.ok) throw new Error(formatFailure(result.failure));
  return result.value;
}

export const bytesOf = (weights: readonly Weight[]): string =>
  Buffer.concat(weights.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength))).toString(
    'hex',
  );
