import { describe, expect, test } from 'vitest';
import type { EngineOffer } from '../../lib/domain/engine.ts';
import { formatFailure } from '../../lib/domain/failure.ts';
import type { LayerSpec, ModelSpec } from '../../lib/domain/model.ts';
import { chooseEngine, type EngineWish } from '../../lib/ml/choose-engine.ts';

const WHY = 'tfjs-node is not installed';

const OFFER: EngineOffer = {
  tfjs: { engine: 'tfjs', backend: 'wasm', version: '4.22.0', why: WHY },
  onnx: { engine: 'onnx', backend: 'cpu', version: '1.30.0', why: '' },
};

const ABSENT: EngineOffer = { ...OFFER, onnx: { problem: 'onnxruntime-node 1.30.0 does not load here: GLIBC_2.99' } };

const specOf = (...layers: readonly LayerSpec[]): ModelSpec => ({
  input: [28, 28],
  layers: [...layers, { type: 'dense', units: 10, activation: 'softmax' }],
  loss: 'softmaxCrossEntropy',
});

/** A layer of a version to come, of which the compiler has never heard. */
const NEW = { type: 'attention', heads: 2 } as unknown as LayerSpec;

const CONV: LayerSpec = { type: 'conv2d', filters: 2, kernel: 3, activation: 'relu' };

const chosen = (wish: EngineWish, offer = OFFER, specs = [specOf()], optimizers = ['adam']): string => {
  const result = chooseEngine(offer, { wish, specs, optimizers });
  if (!result.ok) return formatFailure(result.failure);
  const { engine, backend, why } = result.value;
  return [`${engine} ${backend}`, ...(why === '' ? [] : [why])].join(': ');
};

describe('the engine', () => {
  test('is ONNX Runtime where it loads, without a word', () => {
    expect(chosen('auto')).toBe('onnx cpu');
    expect(chosen('onnx')).toBe('onnx cpu');
  });

  test('is TensorFlow.js where it is asked for', () => {
    expect(chosen('tfjs')).toBe(`tfjs wasm: ${WHY}`);
  });

  test('is TensorFlow.js, which says why, where ONNX Runtime does not load', () => {
    const problem = 'onnxruntime-node 1.30.0 does not load here: GLIBC_2.99';
    expect(chosen('auto', ABSENT)).toBe(`tfjs wasm: onnx is not used: ${problem}; ${WHY}`);
    expect(chosen('onnx', ABSENT)).toBe(`The engine onnx cannot be used: ${problem}.
Leave it to engine: auto, which takes another where one does not do.`);
  });

  test('is TensorFlow.js where the compiler does not know a layer or the optimizer, whichever model needs it', () => {
    const needs = [specOf(), specOf(NEW)];
    expect(chosen('auto', OFFER, needs)).toBe(
      `tfjs wasm: onnx is not used: its compiler does not know the layer 'attention'; ${WHY}`,
    );
    expect(chosen('auto', OFFER, [specOf()], ['adam', 'lion'])).toBe(
      `tfjs wasm: onnx is not used: its compiler does not know the optimizer 'lion'; ${WHY}`,
    );
    expect(chosen('onnx', OFFER, needs)).toContain("its compiler does not know the layer 'attention'");
    expect(chosen('onnx', OFFER, [specOf()], ['lion'])).toContain("its compiler does not know the optimizer 'lion'");
  });

  test('of convolutions in TensorFlow.js is plain JavaScript, where WebAssembly has no gradient of them', () => {
    expect(chosen('tfjs', OFFER, [specOf(CONV)])).toBe(
      `tfjs cpu: the WebAssembly backend has no gradient of conv2d; ${WHY}`,
    );
    const native: EngineOffer = { ...OFFER, tfjs: { ...OFFER.tfjs, backend: 'node', why: '' } };
    expect(chosen('tfjs', native, [specOf(CONV)])).toBe('tfjs node');
  });
});
