import { err, ok, type Result } from '../../util/result.ts';
import type { RawRows } from '../batch-queue.ts';
import { badRequest, type Fault } from '../fault.ts';
import type { Contract } from './contract.ts';
import { readBytes, readValues, type ValueRule } from './read-values.ts';

/** An output somebody wants, as JSON or as bytes behind it. */
export interface WantedOutput {
  readonly name: string;
  readonly isBinary: boolean;
}

/** An inference request that was understood and found right. */
export interface InferRequest {
  /** The client's own name for it, which the answer repeats. */
  readonly id: string | undefined;
  readonly inputs: RawRows;
  readonly rows: number;
  readonly outputs: readonly WantedOutput[];
}

export interface InferRules {
  readonly contract: Contract;
  /** Rows one request may have. */
  readonly maxRows: number;
}

export interface RequestBody {
  /** What the JSON held; undefined where there was none. */
  readonly json: unknown;
  /** What came behind it, where the binary tensor extension is used. */
  readonly binary: Uint8Array | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a request of the Open Inference Protocol, version 2, with its binary tensor extension. */
export function readInferRequest({ json, binary }: RequestBody, rules: InferRules): Result<InferRequest, Fault> {
  const { contract } = rules;
  if (json === undefined && binary !== undefined) return readRawRow(binary, contract);
  if (!isObject(json)) return err(badRequest('The body has to be a JSON object with the field inputs.'));
  const { id, parameters, inputs, outputs } = json;
  if (id !== undefined && typeof id !== 'string') return err(badRequest('id has to be a string.'));
  if (parameters !== undefined && !isObject(parameters)) return err(badRequest('parameters has to be an object.'));
  if (!Array.isArray(inputs)) return err(badRequest('inputs has to be an array of tensors.'));
  const { name } = contract.input;
  if (inputs.length !== 1) {
    return err(badRequest(`The model takes one input, '${name}'; ${inputs.length} were given.`));
  }
  const tensor = readTensor(inputs[0], binary, rules);
  if (!tensor.ok) return tensor;
  const wanted = readOutputs(outputs, parameters?.['binary_data_output'] === true, contract);
  if (!wanted.ok) return wanted;
  return ok({ id, ...tensor.value, outputs: wanted.value });
}

/** A body that is nothing but the values of one row. */
function readRawRow(binary: Uint8Array, { input, width, below, outputs }: Contract): Result<InferRequest, Fault> {
  const datatype = binary.length === width ? 'UINT8' : 'FP32';
  if (datatype === 'FP32' && binary.length !== width * Float32Array.BYTES_PER_ELEMENT) {
    const floats = width * Float32Array.BYTES_PER_ELEMENT;
    const takes = `a body without JSON is one row, ${width} bytes as UINT8 or ${floats} as FP32`;
    return err(badRequest(`The input '${input.name}': ${takes}; ${binary.length} bytes were given.`));
  }
  const what = `The input '${input.name}'`;
  const values = readBytes(binary, { datatype, shape: [1, width], size: width, below, what });
  if (!values.ok) return values;
  const wanted = outputs.map(({ name }) => ({ name, isBinary: false }));
  return ok({ id: undefined, inputs: values.value, rows: 1, outputs: wanted });
}

type Tensor = Pick<InferRequest, 'inputs' | 'rows'>;

function readTensor(
  input: unknown,
  binary: Uint8Array | undefined,
  { contract, maxRows }: InferRules,
): Result<Tensor, Fault> {
  if (!isObject(input)) return err(badRequest('inputs[0] has to be an object with name, shape, datatype and data.'));
  const { name, shape, datatype, data, parameters } = input;
  const expected = contract.input;
  if (name !== expected.name) {
    return err(badRequest(`The model's input is '${expected.name}', not ${shown(name)}.`));
  }
  if (datatype !== 'FP32' && datatype !== 'UINT8') {
    return err(badRequest(`The input '${name}' takes the datatypes FP32 and UINT8, not ${shown(datatype)}.`));
  }
  if (parameters !== undefined && !isObject(parameters)) {
    return err(badRequest(`The parameters of the input '${name}' have to be an object.`));
  }
  const rows = rowsOf(shape, contract);
  if (rows === undefined) {
    const takes = `[rows, ${contract.rowShape.join(', ')}] or [rows, ${contract.width}]`;
    return err(badRequest(`The input '${name}' takes the shape ${takes} with at least one row, not ${shown(shape)}.`));
  }
  if (rows > maxRows) {
    return err({
      status: 413,
      error: `The request has ${rows} rows; ${maxRows} is the most that is answered at once.`,
    });
  }
  const size = rows * contract.width;
  const rule: ValueRule = {
    datatype,
    shape: shape as readonly number[],
    size,
    below: contract.below,
    what: `The input '${name}'`,
  };
  const bytes = parameters?.['binary_data_size'];
  if (bytes === undefined) {
    if (binary !== undefined && binary.length > 0) {
      return err(badRequest(`${binary.length} bytes follow the JSON, but no input has a binary_data_size.`));
    }
    const values = readValues(data, rule);
    return values.ok ? ok({ inputs: values.value, rows }) : values;
  }
  if (data !== undefined) return err(badRequest(`${rule.what} has both data and a binary_data_size.`));
  if (binary === undefined) {
    return err(
      badRequest(`${rule.what} has a binary_data_size, but the header Inference-Header-Content-Length is missing.`),
    );
  }
  if (bytes !== binary.length) {
    return err(
      badRequest(`${rule.what} has a binary_data_size of ${shown(bytes)}; ${binary.length} bytes follow the JSON.`),
    );
  }
  const values = readBytes(binary, rule);
  return values.ok ? ok({ inputs: values.value, rows }) : values;
}

/** The first number of a shape the model takes; undefined for any other shape. */
export function rowsOf(shape: unknown, { rowShape, width }: Contract): number | undefined {
  if (!Array.isArray(shape)) return undefined;
  const [rows, ...row] = shape as readonly unknown[];
  if (typeof rows !== 'number' || !Number.isSafeInteger(rows) || rows < 1) return undefined;
  const isFlat = row.length === 1 && row[0] === width;
  const isWhole = row.length === rowShape.length && rowShape.every((length, axis) => row[axis] === length);
  return isFlat || isWhole ? rows : undefined;
}

function readOutputs(outputs: unknown, allBinary: boolean, contract: Contract): Result<readonly WantedOutput[], Fault> {
  const known = contract.outputs.map(({ name }) => name);
  if (outputs === undefined || (Array.isArray(outputs) && outputs.length === 0)) {
    return ok(known.map((name) => ({ name, isBinary: allBinary })));
  }
  if (!Array.isArray(outputs)) return err(badRequest('outputs has to be an array of objects with a name.'));
  const wanted: WantedOutput[] = [];
  for (const output of outputs as readonly unknown[]) {
    if (!isObject(output)) return err(badRequest('outputs has to be an array of objects with a name.'));
    const { name, parameters } = output;
    if (typeof name !== 'string' || !known.includes(name)) {
      return err(badRequest(`The model has no output ${shown(name)}; its outputs are ${known.join(' and ')}.`));
    }
    if (wanted.some((one) => one.name === name)) return err(badRequest(`The output '${name}' is asked for twice.`));
    if (parameters !== undefined && !isObject(parameters)) {
      return err(badRequest(`The parameters of the output '${name}' have to be an object.`));
    }
    const binary = parameters?.['binary_data'];
    wanted.push({ name, isBinary: typeof binary === 'boolean' ? binary : allBinary });
  }
  return ok(wanted);
}

/** Characters, and elements, of a value that stand in a message. */
const SHOWN = { characters: 40, elements: 8 } as const;

/** A value somebody sent, for a message about it: never long, however deep or long it is. */
function shown(value: unknown): string {
  if (value === undefined) return 'left out';
  if (typeof value === 'string') {
    return value.length > SHOWN.characters ? `'${value.slice(0, SHOWN.characters)}…'` : `'${value}'`;
  }
  if (Array.isArray(value)) {
    const isShort = value.length <= SHOWN.elements && value.every((one) => typeof one !== 'object' || one === null);
    return isShort ? `[${value.map(shown).join(', ')}]` : `an array of ${value.length}`;
  }
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
