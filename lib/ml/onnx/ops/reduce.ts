import { int, ints } from '../attribute.ts';
import type { Graph, Value } from '../graph.ts';

const axesOf = (graph: Graph, axes: readonly number[]): Value => graph.constant(BigInt64Array.from(axes, BigInt));

/** Σ over some axes; `keep` leaves them there with length 1. */
export const sumOver = (graph: Graph, value: Value, axes: readonly number[], keep: boolean): Value =>
  graph.op('ReduceSum', [value, axesOf(graph, axes)], { keepdims: int(keep ? 1 : 0) });

/** Σ over all there is: one number. */
export const sumAll = (graph: Graph, value: Value): Value => graph.op('ReduceSum', [value], { keepdims: int(0) });

/** The mean over some axes, which stay with length 1. Before opset 18 these are an attribute here. */
export const meanOver = (graph: Graph, value: Value, axes: readonly number[]): Value =>
  graph.op('ReduceMean', [value], { axes: ints(axes), keepdims: int(1) });

/** A value with other axes over the same numbers; 0 keeps a length, -1 stands for what is left. */
export const reshape = (graph: Graph, value: Value, shape: readonly number[]): Value =>
  graph.op('Reshape', [value, graph.constant(BigInt64Array.from(shape, BigInt))]);
