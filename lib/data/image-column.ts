import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { Dataset } from './dataset.ts';

/** A feature that holds one grey image a row. */
export interface ImageColumn {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  /** rows x height x width bytes, 0 to 255. */
  readonly data: Uint8Array;
}

/** The dataset's image feature: `pixels`, else the first uint8 column of two dimensions; undefined when it has none. */
export function findImageColumn(dataset: Dataset): ImageColumn | undefined {
  const names = dataset.features.includes('pixels') ? ['pixels', ...dataset.features] : dataset.features;
  for (const name of names) {
    const data = dataset.feature(name);
    const [height, width, more] = dataset.featureShape(name);
    if (data instanceof Uint8Array && height !== undefined && width !== undefined && more === undefined) {
      return { name, height, width, data };
    }
  }
  return undefined;
}

/** The image feature, or the failure that `what` needs one. */
export function imageColumn(dataset: Dataset, what: string): Result<ImageColumn, Failure> {
  const column = findImageColumn(dataset);
  return column === undefined ? err(failure('DATA_NO_PIXELS', { what, features: dataset.features })) : ok(column);
}
