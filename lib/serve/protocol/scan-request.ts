import { INPUT } from './contract.ts';
import { type InferRequest, type InferRules, rowsOf } from './infer-request.ts';
import { type Scan, skipSpace, takes, takesAll, tokensOf } from './scan.ts';
import { scanNumbers, scanSize } from './scan-numbers.ts';

const SHAPE = tokensOf(`{"inputs":[{"name":"${INPUT}","shape":[`);
const DATATYPE = tokensOf(',"datatype":');
const [FP32 = new Uint8Array(), UINT8 = new Uint8Array()] = tokensOf('"FP32""UINT8"');
const DATA = tokensOf(',"data":[');
const END = tokensOf('}]}');
const [COMMA = new Uint8Array(), CLOSE = new Uint8Array()] = tokensOf(',]');

/**
 * Reads what most clients send, one flat tensor of numbers and nothing else, straight from its bytes: taking it apart as JSON and looking
 * at each value costs several times as much. Undefined for what is written otherwise, or is wrong: that is for `readInferRequest`, which
 * would read the same of what is read here.
 */
export function scanInferRequest(bytes: Uint8Array, { contract, maxRows }: InferRules): InferRequest | undefined {
  const scan: Scan = { bytes, at: 0 };
  if (!takesAll(scan, SHAPE)) return undefined;
  const rows = rowsOf(scanShape(scan, 1 + contract.rowShape.length), contract);
  // Values that a model looks up have to be whole: that is judged elsewhere.
  if (rows === undefined || rows > maxRows || contract.below !== undefined || !takesAll(scan, DATATYPE))
    return undefined;
  const isFloat = takes(scan, FP32);
  if (!(isFloat || takes(scan, UINT8)) || !takesAll(scan, DATA)) return undefined;
  const inputs = scanNumbers(scan, rows * contract.width);
  if (inputs === undefined || !(isFloat || inputs instanceof Uint8Array) || !takesAll(scan, END)) return undefined;
  skipSpace(scan);
  if (scan.at !== bytes.length) return undefined;
  return { id: undefined, inputs, rows, outputs: contract.outputs.map(({ name }) => ({ name, isBinary: false })) };
}

/** The sizes behind a bracket, and the one that ends them; no more than there can be. */
function scanShape(scan: Scan, most: number): readonly number[] | undefined {
  const sizes: number[] = [];
  while (sizes.length < most) {
    const size = scanSize(scan);
    if (size === undefined) return undefined;
    sizes.push(size);
    if (takes(scan, CLOSE)) return sizes;
    if (!takes(scan, COMMA)) return undefined;
  }
  return undefined;
}
