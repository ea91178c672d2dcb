import { LABEL, PROBABILITIES } from './contract.ts';
import type { WantedOutput } from './infer-request.ts';

/** What an answer is made of. */
export interface InferAnswer {
  readonly line: string;
  readonly version: number;
  /** What the client called its request; the prediction's own id where it did not. */
  readonly id: string;
  readonly predictionId: string;
  readonly rows: number;
  readonly classes: readonly string[];
  /** rows x classes. */
  readonly probabilities: Float32Array;
  readonly predicted: readonly number[];
  readonly outputs: readonly WantedOutput[];
}

/** An answer as its bytes go out; `jsonBytes` is how long its JSON is, where binary tensors follow it. */
export type EncodedAnswer =
  | { readonly body: string; readonly jsonBytes: undefined }
  | { readonly body: Buffer; readonly jsonBytes: number };

/** The response object, set down by hand: it is written for every request, and is mostly numbers. */
export function encodeAnswer(answer: InferAnswer): EncodedAnswer {
  const { line, version, id, predictionId, outputs } = answer;
  const binaries: Buffer[] = [];
  const tensors: string[] = [];
  for (const output of outputs) {
    const { datatype, shape } = describe(output.name, answer);
    const head = `{"name":"${output.name}","datatype":"${datatype}","shape":[${shape}]`;
    if (output.isBinary) {
      const bytes = binaryOf(output.name, answer);
      binaries.push(bytes);
      tensors.push(`${head},"parameters":{"binary_data_size":${bytes.length}}}`);
    } else tensors.push(`${head},"data":[${jsonOf(output.name, answer)}]}`);
  }
  const json = `{"model_name":${JSON.stringify(line)},"model_version":"${version}","id":${JSON.stringify(id)},"parameters":{"prediction_id":"${predictionId}"},"outputs":[${tensors.join(',')}]}`;
  if (binaries.length === 0) return { body: json, jsonBytes: undefined };
  const head = Buffer.from(json);
  return { body: Buffer.concat([head, ...binaries]), jsonBytes: head.length };
}

const describe = (name: string, { rows, classes }: InferAnswer): { datatype: string; shape: string } =>
  name === PROBABILITIES
    ? { datatype: 'FP32', shape: `${rows},${classes.length}` }
    : { datatype: 'BYTES', shape: `${rows}` };

const jsonOf = (name: string, { probabilities, predicted, classes }: InferAnswer): string =>
  name === PROBABILITIES
    ? probabilities.join(',')
    : predicted.map((one) => JSON.stringify(classes[one] ?? '')).join(',');

/** Elements of type BYTES are each preceded by their length, as the binary tensor extension says. */
function binaryOf(name: string, { probabilities, predicted, classes }: InferAnswer): Buffer {
  if (name !== LABEL) return Buffer.from(probabilities.slice().buffer);
  return Buffer.concat(
    predicted.flatMap((one) => {
      const text = Buffer.from(classes[one] ?? '');
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      return [length, text];
    }),
  );
}
