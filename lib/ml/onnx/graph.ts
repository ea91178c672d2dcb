import type { Attributes } from './attribute.ts';
import {
  type DataType,
  type Dimension,
  encodeModel,
  type FileRegion,
  type GraphFormat,
  type NodeFormat,
  type TensorFormat,
  type ValueFormat,
} from './format.ts';

/** The version of ONNX's operators the graphs are written in: of 2022, read by every runtime since ONNX Runtime 1.14. */
export const OPSET = 17;
/** The version of the file format that belongs to it. */
const IR_VERSION = 8;

/** The name of a value in a graph: an input, a constant, or what a node computes. */
export type Value = string;

type Constants = Float32Array | Int32Array | BigInt64Array;

/** A graph under construction. Names are counted over a graph and all graphs inside it, so that none hides another. */
export interface Graph {
  input(name: string, type: DataType, shape?: readonly Dimension[]): Value;
  /** Values that are part of the model; a plain number is a scalar of float32. */
  constant(values: number | Constants, shape?: readonly number[]): Value;
  /** A constant under a name of its own. */
  named(name: string, values: Float32Array, shape: readonly number[]): Value;
  /** Values that stay in a file of their own; the runtime maps it instead of reading it. */
  external(name: string, tensor: { type: DataType; shape: readonly number[]; region: FileRegion }): Value;
  /** A node of one output. */
  op(type: string, inputs: readonly Value[], attributes?: Attributes): Value;
  /** A node of several outputs. */
  ops(type: string, inputs: readonly Value[], outputs: number, attributes?: Attributes): Value[];
  /** Declares an output under a name of its own. */
  output(name: string, value: Value, type: DataType, shape?: readonly Dimension[]): void;
  /** A graph inside this one: it sees all values of this one. */
  inner(): Graph;
  toFormat(name: string): GraphFormat;
}

export function createGraph(names: { count: number } = { count: 0 }): Graph {
  const nodes: NodeFormat[] = [];
  const initializers: TensorFormat[] = [];
  const inputs: ValueFormat[] = [];
  const outputs: ValueFormat[] = [];
  const scalars = new Map<number, Value>();
  /** Values of nodes that are outputs, with the names they go out by. */
  const renamed = new Map<Value, string>();
  const made = new Set<Value>();

  const fresh = (stem: string): Value => {
    names.count += 1;
    return `${stem}_${names.count}`;
  };
  const store = (name: string, values: Constants, shape: readonly number[]): Value => {
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    initializers.push({ name, type: typeOf(values), shape, data });
    return name;
  };
  const scalar = (value: number): Value => {
    const known = scalars.get(value) ?? store(fresh('constant'), Float32Array.of(value), []);
    scalars.set(value, known);
    return known;
  };
  const ops: Graph['ops'] = (type, from, count, attributes = {}) => {
    const to = Array.from({ length: count }, () => fresh(type));
    nodes.push({ type, inputs: from, outputs: to, attributes });
    for (const value of to) made.add(value);
    return to;
  };

  return {
    input: (name, type, shape) => {
      inputs.push({ name, type, shape });
      return name;
    },
    constant: (values, shape) =>
      typeof values === 'number' ? scalar(values) : store(fresh('constant'), values, shape ?? [values.length]),
    named: store,
    external: (name, { type, shape, region }) => {
      initializers.push({ name, type, shape, data: region });
      return name;
    },
    op: (type, from, attributes) => ops(type, from, 1, attributes)[0] as Value,
    ops,
    output: (name, value, type, shape) => {
      // A node more would be a copy more; a value that goes out twice, or comes from elsewhere, needs one.
      if (made.has(value) && !renamed.has(value)) renamed.set(value, name);
      else nodes.push({ type: 'Identity', inputs: [value], outputs: [name], attributes: {} });
      outputs.push({ name, type, shape });
    },
    inner: () => createGraph(names),
    toFormat: (name) => {
      const final = (values: readonly Value[]): Value[] => values.map((value) => renamed.get(value) ?? value);
      const all = nodes.map((node) => ({ ...node, inputs: final(node.inputs), outputs: final(node.outputs) }));
      const wanted = outputs.map((output) => output.name);
      return { name, nodes: neededFor(wanted, all), initializers, inputs, outputs };
    },
  };
}

/** Nodes whose values go anywhere: an activation nobody reads, or a gradient nobody learns from, is not computed. */
function neededFor(wanted: readonly string[], nodes: readonly NodeFormat[]): NodeFormat[] {
  const read = new Set(wanted);
  const isNeeded = (node: NodeFormat): boolean => {
    if (!node.outputs.some((output) => read.has(output))) return false;
    for (const input of valuesRead(node)) read.add(input);
    return true;
  };
  return nodes.toReversed().filter(isNeeded).reverse();
}

/** A node's inputs, and whatever the graphs inside it read. */
function valuesRead({ inputs, attributes }: NodeFormat): readonly string[] {
  const inside = Object.values(attributes).flatMap((attribute) =>
    attribute.kind === 'graph' ? attribute.value.nodes.flatMap(valuesRead) : [],
  );
  return [...inputs, ...inside];
}

function typeOf(values: Constants): DataType {
  if (values instanceof Float32Array) return 'float32';
  return values instanceof Int32Array ? 'int32' : 'int64';
}

/** A graph as a file of its own. Its bytes follow from the graph alone. */
export const modelBytes = (graph: Graph, name: string, metadata: Readonly<Record<string, string>> = {}): Uint8Array =>
  encodeModel({ irVersion: IR_VERSION, producer: 'mlloop', opset: OPSET, graph: graph.toFormat(name), metadata });
