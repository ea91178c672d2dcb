import type { Value } from '../graph.ts';
import type { Signal } from '../signal.ts';

/** The gradient a layer gives back: for what went in, and for its own arrays by their part's name. */
export interface Gradients {
  readonly input: Value | undefined;
  readonly arrays: Readonly<Record<string, Value>>;
}

/** A layer set down in a graph: its forward nodes are there; the backward ones are made when they are asked for. */
export interface Applied {
  readonly output: Signal;
  /**
   * Nodes for the gradient of the loss by what went in and by the layer's arrays, given the gradient by its output. The
   * first layer of a model is not asked for the gradient of its input.
   */
  backward(gradient: Value, needsInput: boolean): Gradients;
  /** New values of arrays that are measured and not learned, by their part's name. */
  readonly measured?: Readonly<Record<string, Value>>;
}

export const inputOnly = (input: Value): Gradients => ({ input, arrays: {} });

/** No nodes at all. */
export const passedOn = (output: Signal): Applied => ({ output, backward: inputOnly });
