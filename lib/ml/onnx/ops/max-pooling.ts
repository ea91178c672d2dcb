import type { MaxPooling2dSpec } from '../../../domain/model.ts';
import { int, ints, text } from '../attribute.ts';
import type { Graph, Value } from '../graph.ts';
import { type Signal, scaled } from '../signal.ts';
import { type Applied, inputOnly } from './applied.ts';
import { reshape } from './reduce.ts';

/** The largest value of every square; its gradient goes back to where that value was, and adds up where squares overlap. */
export function maxPooling2d(graph: Graph, from: Signal, { size, stride = size }: MaxPooling2dSpec): Applied {
  const input = scaled(graph, from);
  const [height = 0, width = 0, channels = 0] = input.shape;
  const window = { kernel_shape: ints([size, size]), strides: ints([stride, stride]) };
  const [value = '', places = ''] = graph.ops('MaxPool', [input.value], 2, window);
  const shape = [...[height, width].map((length) => Math.floor((length - size) / stride) + 1), channels];
  return {
    output: { ...input, value, shape },
    backward: (gradient) => inputOnly(stride >= size ? unpool(gradient) : scatter(gradient)),
  };

  function unpool(gradient: Value): Value {
    const whole = graph.op('Shape', [input.value]);
    return graph.op('MaxUnpool', [gradient, places, whole], window);
  }

  /** `places` counts through all of the input. */
  function scatter(gradient: Value): Value {
    const zeros = reshape(graph, graph.op('ConstantOfShape', [graph.op('Shape', [input.value])]), [-1]);
    const [at, values] = [places, gradient].map((one) => reshape(graph, one, [-1]));
    const attributes = { axis: int(0), reduction: text('add') };
    const added = graph.op('ScatterElements', [zeros, at as Value, values as Value], attributes);
    return reshape(graph, added, [-1, channels, height, width]);
  }
}
