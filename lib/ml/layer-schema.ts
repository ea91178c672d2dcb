import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const size = Type.Integer({ minimum: 1, maximum: 1024 });

const Activation = Type.Union([
  Type.Literal('linear'),
  Type.Literal('relu'),
  Type.Literal('sigmoid'),
  Type.Literal('tanh'),
  Type.Literal('softmax'),
]);

const l2 = Type.Optional(Type.Number({ minimum: 0 }));

/** One layer as it is written in pipeline.yaml: `{ type: conv2d, filters: 16, kernel: 5, activation: relu }`. */
export const LayerSchema = Type.Union([
  Type.Object({ type: Type.Literal('dense'), units: count, activation: Activation, l2 }, closed),
  Type.Object(
    {
      type: Type.Literal('conv2d'),
      filters: count,
      kernel: size,
      activation: Activation,
      stride: Type.Optional(size),
      padding: Type.Optional(Type.Union([Type.Literal('valid'), Type.Literal('same')])),
      l2,
    },
    closed,
  ),
  Type.Object({ type: Type.Literal('maxPooling2d'), size, stride: Type.Optional(size) }, closed),
  Type.Object({ type: Type.Literal('flatten') }, closed),
  Type.Object({ type: Type.Literal('dropout'), rate: Type.Number({ minimum: 0, exclusiveMaximum: 1 }) }, closed),
  Type.Object({ type: Type.Literal('batchNormalization') }, closed),
  Type.Object({ type: Type.Literal('embedding'), inputs: count, units: count }, closed),
]);
