import { Type } from 'typebox';

/** What stands in the OpenAPI document; what is taken is decided where requests are read. */

const Parameters = Type.Record(Type.String(), Type.Unsafe<unknown>({}), { description: 'Names and values.' });

const Data = Type.Unsafe<unknown>({ type: 'array', description: 'Row-major, flat or nested by the shape.', items: {} });

const InputParameters = Type.Object({
  binary_data_size: Type.Optional(
    Type.Integer({ description: 'Bytes of the tensor behind the JSON, instead of data.' }),
  ),
});

const OutputParameters = Type.Object({
  binary_data: Type.Optional(Type.Boolean({ description: 'Whether the tensor comes as bytes behind the JSON.' })),
});

const RequestInput = Type.Object({
  name: Type.String({ description: 'input' }),
  shape: Type.Array(Type.Integer({ minimum: 0 }), { description: 'Rows first: [1, 28, 28], or [1, 784].' }),
  datatype: Type.String({ enum: ['FP32', 'UINT8'] }),
  parameters: Type.Optional(InputParameters),
  data: Type.Optional(Data),
});

const RequestOutput = Type.Object({ name: Type.String(), parameters: Type.Optional(OutputParameters) });

export const InferRequestSchema = Type.Object(
  {
    id: Type.Optional(Type.String({ description: 'Comes back with the answer.' })),
    parameters: Type.Optional(Parameters),
    inputs: Type.Array(RequestInput, { minItems: 1, maxItems: 1 }),
    outputs: Type.Optional(Type.Array(RequestOutput, { description: 'All of them, when it is left out.' })),
  },
  { description: 'Raw rows: what the model learned from, before any scaling.' },
);

/** The header of the binary tensor extension. */
export const InferHeaders = Type.Object({
  'inference-header-content-length': Type.Optional(
    Type.Integer({ minimum: 0, description: 'Bytes of the JSON, where bytes follow it; 0 for one row without JSON.' }),
  ),
});

export const InferResponseSchema = Type.Object({
  model_name: Type.String(),
  model_version: Type.String(),
  id: Type.String(),
  parameters: Type.Object({
    prediction_id: Type.String({
      description: 'What feedback names the row by; of several rows, the number from 0 follows it: ID.0, ID.1.',
    }),
  }),
  outputs: Type.Array(
    Type.Object({
      name: Type.String(),
      shape: Type.Array(Type.Integer()),
      datatype: Type.String(),
      parameters: Type.Optional(Parameters),
      data: Type.Optional(Data),
    }),
  ),
});

export const InvocationSchema = Type.Object(
  {
    inputs: Type.Optional(Type.Unsafe<unknown>({ description: 'A tensor, or an object with one by name.' })),
    instances: Type.Optional(
      Type.Array(Type.Unsafe<unknown>({}), { description: 'Rows, or objects with one by name.' }),
    ),
    dataframe_split: Type.Optional(
      Type.Object({ columns: Type.Optional(Type.Array(Type.String())), data: Type.Array(Type.Unsafe<unknown>({})) }),
    ),
    dataframe_records: Type.Optional(Type.Array(Parameters)),
  },
  { description: 'Exactly one of the four.' },
);

export const InvocationResponse = Type.Object({
  predictions: Type.Array(Type.Array(Type.Number()), {
    description: 'Probabilities of the classes, a list for each row.',
  }),
  model_name: Type.String(),
  model_version: Type.String(),
  prediction_id: Type.String(),
});
