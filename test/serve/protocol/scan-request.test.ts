import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Contract } from '../../../lib/serve/protocol/contract.ts';
import { type InferRequest, type InferRules, readInferRequest } from '../../../lib/serve/protocol/infer-request.ts';
import { scanInferRequest } from '../../../lib/serve/protocol/scan-request.ts';

const contract: Contract = {
  input: { name: 'input', datatype: 'FP32', shape: [-1, 2, 2] },
  outputs: [
    { name: 'probabilities', datatype: 'FP32', shape: [-1, 3] },
    { name: 'label', datatype: 'BYTES', shape: [-1] },
  ],
  rowShape: [2, 2],
  width: 4,
  classes: ['a', 'b', 'c'],
  below: undefined,
};
const rules: InferRules = { contract, maxRows: 3 };

const scan = (body: string | Buffer, by: InferRules = rules): InferRequest | undefined =>
  scanInferRequest(Buffer.from(body as string), by);

/** What is read of a body that is taken apart as JSON; nothing of one that is refused. */
function read(body: Buffer): InferRequest | undefined {
  try {
    const request = readInferRequest({ json: JSON.parse(body.toString()) as unknown, binary: undefined }, rules);
    return request.ok ? request.value : undefined;
  } catch {
    return undefined;
  }
}

const body = (data: string, { shape = '[1,4]', datatype = 'FP32' } = {}): string =>
  `{"inputs":[{"name":"input","shape":${shape},"datatype":"${datatype}","data":[${data}]}]}`;

/** Numbers of a request, as the numbers they stand for: whole ones may be held as bytes. */
const valuesOf = (request: InferRequest | undefined): number[] => [...(request?.inputs ?? [])];

test('reads pixels as bytes, and other numbers as floats', () => {
  expect(scan(body('0,255,7,10'))?.inputs).toEqual(new Uint8Array([0, 255, 7, 10]));
  expect(scan(body('0,255,7,256'))?.inputs).toEqual(new Float32Array([0, 255, 7, 256]));
  expect(scan(body('0,-0,0.1,-12.5'))?.inputs).toEqual(new Float32Array([0, -0, 0.1, -12.5]));
  expect(scan(body('1,2,3,4', { datatype: 'UINT8' }))?.inputs).toEqual(new Uint8Array([1, 2, 3, 4]));
});

test('reads either shape, several rows, and white space where JSON has it', () => {
  expect(scan(body('1,2,3,4', { shape: '[1,2,2]' }))?.rows).toBe(1);
  expect(scan(body('1,2,3,4,5,6,7,8', { shape: '[2,4]' }))?.rows).toBe(2);
  const spaced = JSON.stringify(JSON.parse(body('1,2,3,4')), undefined, 2);
  expect(valuesOf(scan(`\r\n${spaced}\t `))).toEqual([1, 2, 3, 4]);
  expect(valuesOf(scan(body(' 1 , 2.5\n,3 ,\t4 ')))).toEqual([1, 2.5, 3, 4]);
});

test.each([
  ['another order', '{"inputs":[{"shape":[1,4],"name":"input","datatype":"FP32","data":[1,2,3,4]}]}'],
  ['an id', '{"id":"a","inputs":[{"name":"input","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}'],
  ['an exponent', body('1e1,2,3,4')],
  ['more digits than a double holds', body('0.1234567890123456,2,3,4')],
  ['nesting', body('[1,2,3,4]')],
])('leaves what is right but written with %s to others', (_, text) => {
  expect(scan(text)).toBeUndefined();
  expect(read(Buffer.from(text))).toBeDefined();
});

test.each([
  ['too few', body('1,2,3')],
  ['too many', body('1,2,3,4,5')],
  ['a zero before a number', body('01,2,3,4')],
  ['a zero before a number with decimals', body('1,2,3,00.5')],
  ['a point without digits before it', body('1,2,3,.5')],
  ['a point without digits behind it', body('1,2,3,5.')],
  ['two points', body('1,2,3,5.1.2')],
  ['a plus', body('1,2,3,+5')],
  ['nothing between commas', body('1,,3,4')],
  ['a comma at the end', body('1,2,3,4,')],
  ['a word', body('1,2,3,null')],
  ['a decimal that is no byte', body('1,2,3,4.5', { datatype: 'UINT8' })],
  ['a wrong shape', body('1,2,3,4', { shape: '[1,5]' })],
  ['no rows', body('', { shape: '[0,4]' })],
  ['too many rows', body(Array(16).fill(1).join(','), { shape: '[4,4]' })],
  ['text behind it', `${body('1,2,3,4')} x`],
  ['its end missing', body('1,2,3,4').slice(0, -1)],
])('does not read %s', (_, text) => {
  expect(scan(text)).toBeUndefined();
  expect(read(Buffer.from(text))).toBeUndefined();
});

test('leaves values that have to be whole to others', () => {
  expect(scan(body('1,2,3,4'), { ...rules, contract: { ...contract, below: 9 } })).toBeUndefined();
});

test('asks for no memory for numbers that did not come', () => {
  expect(scan(body('1,2', { shape: '[1000000000000,4]' }), { ...rules, maxRows: 1e15 })).toBeUndefined();
});

const number = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -3, max: 300 }).map(String) },
  {
    weight: 6,
    arbitrary: fc.tuple(fc.integer({ min: -999, max: 999 }), fc.nat(99_999)).map((parts) => parts.join('.')),
  },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 1, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...['-0', '-0.0', '1.0', '999999999999999', '0.00000000000001', '9007199254740993', '1e400', '1E2', '4e38'],
      ...['"1"', 'null', 'true', '[1]', 'NaN', '01', '-', '', '١', '0x1', '1_0', '-Infinity'],
    ),
  },
);
const space = fc.constantFrom('', '', '', '', ' ', '\n', '\t', '\r');
/** Words, signs and numbers of a request, each of which may have been left out, said twice, or changed. */
const pieces = fc
  .tuple(
    fc.constantFrom('[1,4]', '[1,2,2]', '[1,4]', '[1, 4]', '[2,2,2]', '[01,4]', '[1.0,4]', '[1,4,1]', '[1e0,4]', '[]'),
    fc.constantFrom('FP32', 'FP32', 'UINT8', 'FP64', 'fp32', 'FP\\u00332'),
    fc.oneof(fc.array(number, { minLength: 4, maxLength: 4 }), fc.array(number, { maxLength: 9 })),
  )
  .map(([shape, datatype, data]) => body(data.join(','), { shape, datatype }).split(/(?<=[{}[\]:,])|(?=[{}[\]:,])/));
const text = fc
  .tuple(
    pieces,
    fc.infiniteStream(space),
    fc.option(fc.tuple(fc.nat(60), fc.constantFrom('drop', 'twice', ...'{}[]:,"x0\f\u00a0\ufeff')), { nil: undefined }),
  )
  .map(([parts, spaces, change]) =>
    parts
      .map((part, at) => {
        const gap = spaces.next().value as string;
        if (at !== change?.[0]) return part + gap;
        return change[1] === 'drop' ? gap : change[1] === 'twice' ? part + part + gap : part + change[1] + gap;
      })
      .join(''),
  );

test('reads nothing else than what is read of the same body as JSON', () => {
  let count = 0;
  fc.assert(
    fc.property(text, (written) => {
      const bytes = Buffer.from(written);
      const scanned = scanInferRequest(bytes, rules);
      if (scanned === undefined) return;
      count += 1;
      const { inputs, ...others } = scanned;
      const { inputs: expected, ...rest } = read(bytes) as InferRequest;
      expect(others).toEqual(rest);
      expect([...inputs]).toEqual([...expected]);
    }),
    { numRuns: 20_000 },
  );
  expect(count).toBeGreaterThan(200);
});

test('reads nothing of bytes that are no text', () => {
  const right = Buffer.from(body('1,2,3,4'));
  fc.assert(
    fc.property(fc.nat(right.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const bytes = Buffer.from(right);
      bytes[at] = byte;
      const scanned = scanInferRequest(bytes, rules);
      if (scanned !== undefined) expect(valuesOf(scanned)).toEqual(valuesOf(read(bytes)));
    }),
    { numRuns: 5000 },
  );
});
