import type { Activation, LayerSpec, ModelSpec } from '../../lib/domain/model.ts';

/**
 * Models written out by hand in float64, one row after the other with plain loops over [height, width, channels]: what the
 * engines are checked against. It shares no code with them.
 */
type Arrays = ReadonlyMap<string, Float64Array>;

interface Layer {
  readonly spec: LayerSpec;
  readonly array: (part: string) => Float64Array;
}

/** One batch: all rows' values after each other, and the shape of a row. */
interface Batch {
  readonly rows: number;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

export interface ReferenceInputs {
  readonly arrays: Arrays;
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
}

/** Mean loss over the rows, normalised by the batch as in training, with the L2 terms, nothing dropped. */
export function referenceLoss(spec: ModelSpec, { arrays, inputs, targets }: ReferenceInputs): number {
  const rows = inputs.length / size(spec.input);
  let batch: Batch = { rows, shape: spec.input, values: inputs };
  let logits = batch;
  let penalty = 0;
  spec.layers.forEach((layer, index) => {
    const array = (part: string): Float64Array =>
      arrays.get(`${layer.type}_${index + 1}/${part}`) ?? new Float64Array();
    logits = apply({ spec: layer, array }, batch);
    batch = 'activation' in layer ? activated(layer.activation, logits) : logits;
    if ('l2' in layer) penalty += (layer.l2 ?? 0) * array('kernel').reduce((sum, weight) => sum + weight ** 2, 0);
  });
  const loss = spec.loss === 'squaredError' ? squared(batch, targets) : crossEntropy(logits, targets);
  return loss / rows + penalty;
}

const squared = ({ values }: Batch, targets: Float64Array): number =>
  values.reduce((sum, value, at) => sum + 0.5 * (value - (targets[at] ?? 0)) ** 2, 0);

function crossEntropy({ rows, shape, values }: Batch, targets: Float64Array): number {
  const classes = size(shape);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * classes, (row + 1) * classes);
    const total = Math.log(own.reduce((sum, value) => sum + Math.exp(value), 0));
    own.forEach((value, at) => {
      loss -= (targets[row * classes + at] ?? 0) * (value - total);
    });
  }
  return loss;
}

function activated(activation: Activation, batch: Batch): Batch {
  const each = (f: (value: number) => number): Batch => ({ ...batch, values: batch.values.map(f) });
  switch (activation) {
    case 'linear':
      return batch;
    case 'relu':
      return each((value) => Math.max(value, 0));
    case 'sigmoid':
      return each((value) => 1 / (1 + Math.exp(-value)));
    case 'tanh':
      return each(Math.tanh);
    case 'softmax': {
      const channels = batch.shape.at(-1) ?? 1;
      return {
        ...batch,
        values: batch.values.map((value, at) => {
          const start = at - (at % channels);
          const own = batch.values.subarray(start, start + channels);
          return Math.exp(value) / own.reduce((sum, other) => sum + Math.exp(other), 0);
        }),
      };
    }
  }
}

function apply(layer: Layer, batch: Batch): Batch {
  const { spec } = layer;
  switch (spec.type) {
    case 'dense':
      return dense(layer, batch, spec.units);
    case 'conv2d':
      return conv2d(layer, batch, spec);
    case 'maxPooling2d':
      return maxPooling(batch, spec);
    case 'flatten':
      return { ...batch, shape: [size(batch.shape)] };
    case 'dropout':
      return batch;
    case 'batchNormalization':
      return normalised(layer, batch);
    case 'embedding':
      return looked(layer, batch, spec.units);
  }
}

function dense({ array }: Layer, { rows, shape, values }: Batch, units: number): Batch {
  const [kernel, bias, inputs] = [array('kernel'), array('bias'), size(shape)];
  const made = new Float64Array(rows * units);
  for (let row = 0; row < rows; row++) {
    for (let unit = 0; unit < units; unit++) {
      let sum = bias[unit] ?? 0;
      for (let at = 0; at < inputs; at++) sum += (values[row * inputs + at] ?? 0) * (kernel[at * units + unit] ?? 0);
      made[row * units + unit] = sum;
    }
  }
  return { rows, shape: [units], values: made };
}

/** An image's value at a place, and 0 beyond its edges. */
function reader({ shape, values }: Batch) {
  const [height = 1, width = 1, channels = 1] = shape;
  return (row: number, y: number, x: number, channel: number): number =>
    y < 0 || x < 0 || y >= height || x >= width
      ? 0
      : (values[((row * height + y) * width + x) * channels + channel] ?? 0);
}

function conv2d({ array }: Layer, batch: Batch, spec: Extract<LayerSpec, { type: 'conv2d' }>): Batch {
  const { filters, kernel: k, stride = 1, padding = 'valid' } = spec;
  const [height = 1, width = 1, channels = 1] = batch.shape;
  const [kernel, bias, read] = [array('kernel'), array('bias'), reader(batch)];
  const isSame = padding === 'same';
  const along = (length: number): number =>
    isSame ? Math.ceil(length / stride) : Math.floor((length - k) / stride) + 1;
  const before = (length: number): number =>
    isSame ? Math.floor(Math.max((along(length) - 1) * stride + k - length, 0) / 2) : 0;
  const [rowsOut, columnsOut] = [along(height), along(width)];
  const made: number[] = [];
  for (let row = 0; row < batch.rows; row++)
    for (let y = 0; y < rowsOut; y++)
      for (let x = 0; x < columnsOut; x++)
        for (let filter = 0; filter < filters; filter++) {
          let sum = bias[filter] ?? 0;
          for (let i = 0; i < k; i++)
            for (let j = 0; j < k; j++)
              for (let channel = 0; channel < channels; channel++) {
                const weight = kernel[((i * k + j) * channels + channel) * filters + filter] ?? 0;
                sum += weight * read(row, y * stride + i - before(height), x * stride + j - before(width), channel);
              }
          made.push(sum);
        }
  return { rows: batch.rows, shape: [rowsOut, columnsOut, filters], values: Float64Array.from(made) };
}

function maxPooling(batch: Batch, { size: k, stride = k }: { readonly size: number; readonly stride?: number }): Batch {
  const [height = 1, width = 1, channels = 1] = batch.shape;
  const read = reader(batch);
  const [rowsOut, columnsOut] = [height, width].map((length) => Math.floor((length - k) / stride) + 1) as [
    number,
    number,
  ];
  const made: number[] = [];
  for (let row = 0; row < batch.rows; row++)
    for (let y = 0; y < rowsOut; y++)
      for (let x = 0; x < columnsOut; x++)
        for (let channel = 0; channel < channels; channel++) {
          let most = Number.NEGATIVE_INFINITY;
          for (let i = 0; i < k; i++)
            for (let j = 0; j < k; j++) most = Math.max(most, read(row, y * stride + i, x * stride + j, channel));
          made.push(most);
        }
  return { rows: batch.rows, shape: [rowsOut, columnsOut, channels], values: Float64Array.from(made) };
}

function normalised({ array }: Layer, batch: Batch): Batch {
  const channels = batch.shape.at(-1) ?? 1;
  const [gamma, beta] = [array('gamma'), array('beta')];
  const made = batch.values.slice();
  for (let channel = 0; channel < channels; channel++) {
    const own = batch.values.filter((_, at) => at % channels === channel);
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length;
    for (let at = channel; at < made.length; at += channels) {
      const standard = ((batch.values[at] ?? 0) - mean) / Math.sqrt(variance + 1e-3);
      made[at] = standard * (gamma[channel] ?? 0) + (beta[channel] ?? 0);
    }
  }
  return { ...batch, values: made };
}

function looked({ array }: Layer, { rows, shape, values }: Batch, units: number): Batch {
  const table = array('embeddings');
  const made = [...values].flatMap((index) => [...table.subarray(index * units, (index + 1) * units)]);
  return { rows, shape: [...shape, units], values: Float64Array.from(made) };
}
