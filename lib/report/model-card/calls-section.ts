import type { CardInput } from './card-input.ts';
import { codeBlock } from './markdown.ts';

/** How to ask it from TensorFlow.js, from ONNX Runtime and over HTTP; `row` holds the raw values of one row. */
export function callsSection({ line, model }: CardInput): string {
  const shape = [1, ...model.spec.input].join(', ');
  const width = model.spec.input.reduce((product, length) => product * length, 1);
  return [
    `In each of these \`row\` is an array of ${width} raw numbers, and \`probabilities\` has one number a class, in the order of \`classes\` in \`mlloop.json\`.`,
    '### TensorFlow.js',
    codeBlock('js', tensorflow(shape)),
    '### ONNX Runtime',
    `\`model.onnx\` takes \`input\`, float32, rows x ${model.spec.input.join(' x ')}, and gives \`probabilities\`, rows x ${model.classes.length}.`,
    codeBlock('js', onnx(shape)),
    '### HTTP',
    'In the folder of an mlloop project:',
    codeBlock(
      'sh',
      `npx mlloop models import DIR\nnpx mlloop promote latest --line ${line}\nnpm run serve -- --line ${line}`,
    ),
    'and then, by the Open Inference Protocol, version 2:',
    codeBlock('js', http(line, shape)),
  ].join('\n\n');
}

const tensorflow = (shape: string): string => `
import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import { tensor } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';

const { modelTopology, weightsManifest } = JSON.parse(readFileSync('model.json', 'utf8'));
const weightSpecs = weightsManifest[0].weights;
const weightData = new Uint8Array(readFileSync('weights.bin')).buffer;
const model = await loadLayersModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
const probabilities = model.predict(tensor(Float32Array.from(row), [${shape}])).dataSync();
`;

const onnx = (shape: string): string => `
import { InferenceSession, Tensor } from 'onnxruntime-node';

const session = await InferenceSession.create('model.onnx');
const answer = await session.run({ input: new Tensor('float32', Float32Array.from(row), [${shape}]) });
const probabilities = answer.probabilities.data;
`;

const http = (line: string, shape: string): string => `
const response = await fetch('http://127.0.0.1:8080/v2/models/${line}/infer', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ inputs: [{ name: 'input', datatype: 'FP32', shape: [${shape}], data: [...row] }] }),
});
const { outputs } = await response.json();
const probabilities = outputs.find(({ name }) => name === 'probabilities').data;
`;
