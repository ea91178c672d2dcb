import type { PlacedLayer } from '../layer-shapes.ts';
import { ints } from './attribute.ts';
import type { Graph, Value } from './graph.ts';
import { type Applied, inputOnly, passedOn } from './ops/applied.ts';
import { flatten } from './ops/flatten.ts';
import { reshape } from './ops/reduce.ts';
import { CHANNELS_FIRST, type Signal } from './signal.ts';

/** The signal as a layer takes it: flat for a dense one, an image for a convolution, with all its axes for a mean. */
export function enterLayer(graph: Graph, { spec, input }: PlacedLayer, signal: Signal): Applied {
  switch (spec.type) {
    case 'dense':
    case 'flatten':
      return flatten(graph, signal);
    case 'conv2d':
    case 'maxPooling2d':
      return isImage(signal) ? passedOn(signal) : toImage(graph, signal, input);
    case 'batchNormalization':
      return isRaw(signal, input) ? unflatten(graph, signal) : passedOn(signal);
    default:
      return passedOn(signal);
  }
}

const isImage = ({ axes, isFlat }: Signal): boolean =>
  !isFlat && axes.length === CHANNELS_FIRST.length && CHANNELS_FIRST.every((axis, at) => axes[at] === axis);

/** Rows as the dataset has them: one vector each, though the model's input has more axes. */
const isRaw = ({ isFlat, shape }: Signal, input: readonly number[]): boolean =>
  isFlat && shape.length > 1 && shape.length === input.length;

function unflatten(graph: Graph, signal: Signal): Applied {
  const value = reshape(graph, signal.value, [-1, ...signal.shape]);
  return { output: { ...signal, value, isFlat: false }, backward: (gradient) => flat(graph, gradient) };
}

const flat = (graph: Graph, gradient: Value) => inputOnly(reshape(graph, gradient, [0, -1]));

/** Height, width (, channels) in TensorFlow's order to an image as ONNX has it. */
function toImage(graph: Graph, signal: Signal, input: readonly number[]): Applied {
  const [height = 0, width = 0, channels = 1] = input;
  const output = { ...signal, shape: input, axes: CHANNELS_FIRST, isFlat: false };
  const before = (gradient: Value): Value => reshape(graph, gradient, signal.isFlat ? [0, -1] : [0, ...signal.shape]);
  if (channels === 1) {
    // One channel lies the same in either order.
    const value = reshape(graph, signal.value, [-1, 1, height, width]);
    return { output: { ...output, value }, backward: (gradient) => inputOnly(before(gradient)) };
  }
  const whole = reshape(graph, signal.value, [-1, height, width, channels]);
  const value = graph.op('Transpose', [whole], { perm: ints(CHANNELS_FIRST) });
  return {
    output: { ...output, value },
    backward: (gradient) => inputOnly(before(graph.op('Transpose', [gradient], { perm: ints([0, 2, 3, 1]) }))),
  };
}
