import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/**
 * The part of the ONNX file format that is written here, as protocol buffers: field numbers and meanings are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 */
export interface ModelFormat {
  readonly irVersion: number;
  readonly producer: string;
  readonly opset: number;
  readonly graph: GraphFormat;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface GraphFormat {
  readonly name: string;
  readonly nodes: readonly NodeFormat[];
  readonly initializers: readonly TensorFormat[];
  readonly inputs: readonly ValueFormat[];
  readonly outputs: readonly ValueFormat[];
}

export interface NodeFormat {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Which kind an attribute has to be is the operator's to say. */
export type Attribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'graph'; readonly value: GraphFormat }
  | { readonly kind: 'ints'; readonly value: readonly number[] };

export interface TensorFormat {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
  readonly data: Uint8Array | FileRegion;
}

/** Where in a file a tensor's values lie. */
export interface FileRegion {
  /** The file's name, without a folder. */
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

export interface ValueFormat {
  readonly name: string;
  readonly type: DataType;
  /** Without it any shape will do. */
  readonly shape: readonly Dimension[] | undefined;
}

/** A length that is known, or the name of one that differs from run to run. */
export type Dimension = number | string;

const DATA_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;

export type DataType = keyof typeof DATA_TYPES;

type Write = (writer: BinaryWriter) => void;

const inside = (writer: BinaryWriter, field: number, write: Write): void => {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
};

const string = (writer: BinaryWriter, field: number, value: string): void => {
  writer.tag(field, WireType.LengthDelimited).string(value);
};

const integer = (writer: BinaryWriter, field: number, value: number): void => {
  writer.tag(field, WireType.Varint).int64(value);
};

export function encodeModel({ irVersion, producer, opset, graph, metadata }: ModelFormat): Uint8Array {
  const writer = new BinaryWriter();
  integer(writer, 1, irVersion);
  string(writer, 2, producer);
  inside(writer, 7, () => writeGraph(writer, graph));
  inside(writer, 8, () => integer(writer, 2, opset));
  for (const [key, value] of Object.entries(metadata)) inside(writer, 14, () => writePair(writer, key, value));
  return writer.finish();
}

function writePair(writer: BinaryWriter, key: string, value: string): void {
  string(writer, 1, key);
  string(writer, 2, value);
}

function writeGraph(writer: BinaryWriter, { name, nodes, initializers, inputs, outputs }: GraphFormat): void {
  for (const node of nodes) inside(writer, 1, () => writeNode(writer, node));
  string(writer, 2, name);
  for (const tensor of initializers) inside(writer, 5, () => writeTensor(writer, tensor));
  for (const value of inputs) inside(writer, 11, () => writeValue(writer, value));
  for (const value of outputs) inside(writer, 12, () => writeValue(writer, value));
}

function writeNode(writer: BinaryWriter, { type, inputs, outputs, attributes }: NodeFormat): void {
  for (const name of inputs) string(writer, 1, name);
  for (const name of outputs) string(writer, 2, name);
  string(writer, 3, outputs[0] ?? type);
  string(writer, 4, type);
  for (const [name, attribute] of Object.entries(attributes)) {
    inside(writer, 5, () => {
      string(writer, 1, name);
      writeAttribute(writer, attribute);
    });
  }
}

/** The value in the field of its kind, and the kind's number. */
function writeAttribute(writer: BinaryWriter, { kind, value }: Attribute): void {
  switch (kind) {
    case 'float':
      writer.tag(2, WireType.Bit32).float(value);
      return integer(writer, 20, 1);
    case 'int':
      integer(writer, 3, value);
      return integer(writer, 20, 2);
    case 'text':
      string(writer, 4, value);
      return integer(writer, 20, 3);
    case 'graph':
      inside(writer, 6, () => writeGraph(writer, value));
      return integer(writer, 20, 5);
    default:
      for (const one of value) integer(writer, 8, one);
      return integer(writer, 20, 7);
  }
}

function writeTensor(writer: BinaryWriter, { name, type, shape, data }: TensorFormat): void {
  for (const length of shape) integer(writer, 1, length);
  integer(writer, 2, DATA_TYPES[type]);
  string(writer, 8, name);
  if (data instanceof Uint8Array) {
    writer.tag(9, WireType.LengthDelimited).bytes(data);
    return;
  }
  const place = { location: data.name, offset: String(data.offset), length: String(data.bytes) };
  for (const [key, value] of Object.entries(place)) inside(writer, 13, () => writePair(writer, key, value));
  integer(writer, 14, 1);
}

function writeValue(writer: BinaryWriter, { name, type, shape }: ValueFormat): void {
  const writeDimension = (dimension: Dimension): void =>
    typeof dimension === 'number' ? integer(writer, 1, dimension) : string(writer, 2, dimension);
  string(writer, 1, name);
  inside(writer, 2, () =>
    inside(writer, 1, () => {
      integer(writer, 1, DATA_TYPES[type]);
      if (shape === undefined) return;
      inside(writer, 2, () => {
        for (const dimension of shape) inside(writer, 1, () => writeDimension(dimension));
      });
    }),
  );
}
