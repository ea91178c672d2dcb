import { existsSync, statSync } from 'node:fs';
import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';
import { isDatasetFolder, openDataset } from './dataset.ts';
import { readGreyImage } from './image-file.ts';
import type { ColumnData } from './npy.ts';

/** Rows somebody wants answers to, as the model takes them. */
export interface AskedRows {
  /** rows x features raw values: bytes, where all rows are. */
  readonly inputs: Uint8Array | Float32Array;
  /** Where each row comes from. */
  readonly origins: readonly { readonly file: string; readonly row: number }[];
}

/** Reads images of any size and dataset folders as rows of `shape`; the first that cannot be read is the failure. */
export async function readAskedRows(
  files: readonly string[],
  shape: readonly number[],
): Promise<Result<AskedRows, Failure>> {
  const parts: ReadRows[] = [];
  for (const file of files) {
    const part = await readOne(file, shape);
    if (!part.ok) return part;
    parts.push(part.value);
  }
  return ok({ inputs: joined(parts.map(({ inputs }) => inputs)), origins: parts.flatMap(({ origins }) => origins) });
}

interface ReadRows {
  readonly inputs: ColumnData;
  readonly origins: AskedRows['origins'];
}

function joined(parts: readonly ColumnData[]): AskedRows['inputs'] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const areBytes = parts.every((part) => part instanceof Uint8Array);
  const all = areBytes ? new Uint8Array(length) : new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function readOne(file: string, shape: readonly number[]): Promise<Result<ReadRows, Failure>> {
  const fail = (problem: string): Result<ReadRows, Failure> => err(failure('PREDICT_INPUT', { file, problem }));
  if (!existsSync(file)) return fail('there is no such file');
  if (statSync(file).isDirectory()) {
    return isDatasetFolder(file) ? readDataset(file, shape) : fail('it is a folder, but not that of a dataset');
  }
  const [height, width, more] = shape;
  if (height === undefined || width === undefined || more !== undefined) {
    return fail(`the model takes rows of shape [${shape.join(', ')}], which are no images`);
  }
  const image = await readGreyImage(file, { height, width });
  return image.ok ? ok({ inputs: image.value, origins: [{ file, row: 0 }] }) : image;
}

function readDataset(folder: string, shape: readonly number[]): Result<ReadRows, Failure> {
  const dataset = openDataset(folder);
  if (!dataset.ok) return dataset;
  const [name] = dataset.value.features;
  const seen = name === undefined ? [] : dataset.value.featureShape(name);
  const inputs = name === undefined ? undefined : dataset.value.feature(name);
  if (seen.join() !== shape.join() || inputs === undefined) {
    const problem = `its rows have shape [${seen.join(', ')}], the model takes rows of shape [${shape.join(', ')}]`;
    return err(failure('PREDICT_INPUT', { file: folder, problem }));
  }
  return ok({ inputs, origins: Array.from({ length: dataset.value.rows }, (_, row) => ({ file: folder, row })) });
}
