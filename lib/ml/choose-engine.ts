import { Type } from 'typebox';
import type { EngineChoice, EngineName, EngineOffer } from '../domain/engine.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { LayerSpec, ModelSpec } from '../domain/model.ts';
import { err, ok, type Result } from '../util/result.ts';
import { isKnownLayer } from './onnx/layers.ts';
import { isKnownOptimizer } from './onnx/optimizers/rules.ts';

/** What a person may ask for. */
export type EngineWish = 'auto' | EngineName;

/** The param of every stage that trains. */
export const ENGINE_WISH = Type.Union([Type.Literal('auto'), Type.Literal('onnx'), Type.Literal('tfjs')], {
  description: 'What trains: onnx, tfjs, or auto for the first of the two that loads and knows the layers.',
});

export interface EngineNeeds {
  readonly wish: EngineWish;
  /** Every model that is to be fitted. */
  readonly specs: readonly ModelSpec[];
  readonly optimizers: readonly string[];
}

/** Layers whose gradients TensorFlow.js has no WebAssembly kernel for. */
const NOT_IN_WASM: readonly LayerSpec['type'][] = ['conv2d', 'maxPooling2d', 'embedding'];

/**
 * The engine for a model. `auto` is ONNX Runtime where it loads and its compiler knows every layer and the optimiser,
 * else TensorFlow.js, which says why; an engine asked for by name is that one or a failure.
 */
export function chooseEngine(offer: EngineOffer, needs: EngineNeeds): Result<EngineChoice, Failure> {
  const { wish } = needs;
  if (wish === 'tfjs') return ok(tfjsFor(offer.tfjs, needs));
  const problem = onnxProblem(offer, needs);
  if (problem === undefined && !('problem' in offer.onnx)) return ok(offer.onnx);
  if (wish === 'onnx') return err(failure('TRAIN_ENGINE_REFUSED', { engine: 'onnx', problem: problem ?? '' }));
  const choice = tfjsFor(offer.tfjs, needs);
  const told = [`onnx is not used: ${problem}`, choice.why].filter((text) => text !== '');
  return ok({ ...choice, why: told.join('; ') });
}

function onnxProblem(offer: EngineOffer, { specs, optimizers }: EngineNeeds): string | undefined {
  if ('problem' in offer.onnx) return offer.onnx.problem;
  const unknown = layersOf(specs).find(({ type }) => !isKnownLayer(type));
  if (unknown !== undefined) return `its compiler does not know the layer '${unknown.type}'`;
  const other = optimizers.find((name) => !isKnownOptimizer(name));
  return other === undefined ? undefined : `its compiler does not know the optimizer '${other}'`;
}

const layersOf = (specs: readonly ModelSpec[]): LayerSpec[] => specs.flatMap(({ layers }) => layers);

function tfjsFor(tfjs: EngineChoice, { specs }: EngineNeeds): EngineChoice {
  const without = layersOf(specs).find(({ type }) => NOT_IN_WASM.includes(type));
  if (tfjs.backend !== 'wasm' || without === undefined) return tfjs;
  return { ...tfjs, backend: 'cpu', why: `the WebAssembly backend has no gradient of ${without.type}; ${tfjs.why}` };
}
