import type { LayerSpec } from '../../domain/model.ts';
import { assertNever } from '../../util/assert-never.ts';
import type { PlacedLayer } from '../layer-shapes.ts';
import type { Graph, Value } from './graph.ts';
import { activate } from './ops/activation.ts';
import { type Applied, passedOn } from './ops/applied.ts';
import { batchNormalization, normalise } from './ops/batch-normalization.ts';
import { conv2d } from './ops/conv2d.ts';
import { dense } from './ops/dense.ts';
import { dropout } from './ops/dropout.ts';
import { embedding } from './ops/embedding.ts';
import { maxPooling2d } from './ops/max-pooling.ts';
import type { Signal } from './signal.ts';

/** Layers this engine has nodes for. Written out, so that a layer another engine learns first is not taken for known. */
const KNOWN: Readonly<Record<LayerSpec['type'], true>> = {
  dense: true,
  dropout: true,
  conv2d: true,
  maxPooling2d: true,
  flatten: true,
  batchNormalization: true,
  embedding: true,
};

export const isKnownLayer = (type: string): boolean => Object.hasOwn(KNOWN, type);

/** What only a training step has. */
export interface TrainingParts {
  /** The mask of a dropout layer: uint8, as the signal lies. Without masks nothing is dropped. */
  readonly mask: ((layer: PlacedLayer, signal: Signal) => Value) | undefined;
}

export interface LayerInputs {
  /** As `enterLayer` gives it. */
  readonly signal: Signal;
  /** The layer's arrays, by their part's name. */
  readonly array: (part: string) => Value;
  readonly training: TrainingParts | undefined;
}

/** One layer as nodes: what it computes, and what its activation makes of that. */
export interface AppliedLayer {
  readonly body: Applied;
  readonly activation: Applied;
}

export function applyLayer(graph: Graph, { spec, ...layer }: PlacedLayer, inputs: LayerInputs): AppliedLayer {
  const { signal, array, training } = inputs;
  const plain = (body: Applied): AppliedLayer => ({ body, activation: passedOn(body.output) });
  switch (spec.type) {
    case 'dense':
    case 'conv2d': {
      const own = { kernel: array('kernel'), bias: array('bias') };
      const body = spec.type === 'dense' ? dense(graph, signal, own, spec.units) : conv2d(graph, signal, own, spec);
      return { body, activation: activate(graph, body.output, spec.activation) };
    }
    case 'dropout': {
      if (training?.mask === undefined || spec.rate === 0) return plain(passedOn(signal));
      return plain(dropout(graph, signal, { mask: training.mask({ spec, ...layer }, signal), rate: spec.rate }));
    }
    case 'maxPooling2d':
      return plain(maxPooling2d(graph, signal, spec));
    case 'flatten':
      return plain(passedOn(signal));
    case 'batchNormalization': {
      const own = { gamma: array('gamma'), beta: array('beta') };
      const moving = { moving_mean: array('moving_mean'), moving_variance: array('moving_variance') };
      const arrays = { ...own, ...moving };
      if (training === undefined) return plain(passedOn(normalise(graph, signal, arrays)));
      return plain(batchNormalization(graph, signal, arrays));
    }
    case 'embedding':
      return plain(embedding(graph, signal, array('embeddings'), spec));
    default:
      return assertNever(spec);
  }
}
