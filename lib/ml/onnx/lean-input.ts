import { columnTypeOf } from '../../data/npy.ts';
import type { ModelSpec, Transform } from '../../domain/model.ts';
import type { Rows, Weight } from '../engine.ts';
import { placeLayers } from '../layer-shapes.ts';
import { RAW_INPUT } from './raw-rows.ts';
import { type RowSource, rowSource } from './row-source.ts';
import { foundColumns, type UsedColumns, usedColumns } from './used-columns.ts';

/** What is computed with: the model and its rows, or both without the columns that nothing can be learned from. */
export interface LeanInput {
  readonly spec: ModelSpec;
  readonly rows: RowSource;
  /** Weights of the whole model to those of `spec`. */
  readonly shrink: (weights: readonly Weight[]) => readonly Weight[];
  /** And back: what was left out is as it was in `start`. */
  readonly grow: (weights: readonly Weight[], start: readonly Weight[]) => readonly Weight[];
}

/**
 * A column that is zero in every row gives a weight no gradient, so none of our optimisers moves it: a fit that leaves it out
 * ends with the same weights, but for the order in which sums are rounded. That is so where a dense layer without decay of
 * its own sees the rows first, and zero stays zero. In MNIST it is every eleventh column.
 */
export const fitInput = (request: InputRequest): LeanInput => leanInput(request, usedColumns);

/** A search scores rows of the dataset it has just learned from; looking through others for it would take longer. */
export const scoreInput = (request: InputRequest): LeanInput => leanInput(request, foundColumns);

interface InputRequest {
  readonly spec: ModelSpec;
  readonly transform: Transform;
  readonly rows: Rows;
}

function leanInput(
  { spec, transform, rows }: InputRequest,
  columnsOf: (rows: Rows) => UsedColumns | undefined,
): LeanInput {
  const whole: LeanInput = { spec, rows: rowSource(rows), shrink: (weights) => weights, grow: (weights) => weights };
  const kernel = firstKernel(spec);
  const keepsZero = transform.scale.length === 1 && transform.offset.every((one) => one === 0);
  const used = kernel === undefined || !keepsZero ? undefined : columnsOf(rows);
  if (used === undefined) return whole;
  const { columns, values: data } = used;
  const ofKernel = (weights: readonly Weight[], change: (weight: Weight) => Weight): readonly Weight[] =>
    weights.map((weight) => (weight.name === kernel ? change(weight) : weight));
  return {
    spec: { ...spec, input: [columns.length] },
    rows: {
      source: { type: columnTypeOf(data), file: undefined },
      file: undefined,
      inputs: new Map([[RAW_INPUT, { data, shape: [rows.labels.length, columns.length] }]]),
    },
    shrink: (weights) => ofKernel(weights, (weight) => shrunk(weight, columns)),
    grow: (weights, start) =>
      ofKernel(weights, (weight) => grown(weight, start.find(({ name }) => name === kernel) as Weight, columns)),
  };
}

/** The kernel [inputs, units] that the raw rows are multiplied with. */
function firstKernel(spec: ModelSpec): string | undefined {
  const first = placeLayers(spec).find(({ spec: layer }) => layer.type !== 'flatten');
  return first?.spec.type === 'dense' && (first.spec.l2 ?? 0) === 0 ? `${first.name}/kernel` : undefined;
}

function shrunk({ name, shape, values }: Weight, columns: Int32Array): Weight {
  const units = shape[1] as number;
  const left = new Float32Array(columns.length * units);
  columns.forEach((column, at) => {
    left.set(values.subarray(column * units, (column + 1) * units), at * units);
  });
  return { name, shape: [columns.length, units], values: left };
}

function grown({ values }: Weight, start: Weight, columns: Int32Array): Weight {
  const units = start.shape[1] as number;
  const all = start.values.slice();
  columns.forEach((column, at) => {
    all.set(values.subarray(at * units, (at + 1) * units), column * units);
  });
  return { ...start, values: all };
}
