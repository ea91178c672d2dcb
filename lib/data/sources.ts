import { join } from 'node:path';
import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { Dataset } from './dataset.ts';
import { findIdxFiles, readIdxFiles } from './idx-folder.ts';
import { readImageFolder } from './images.ts';
import { loadMnist } from './mnist.ts';
import { DIGIT_CLASSES, MNIST_MIRRORS } from './mnist-files.ts';
import type { ImageSize } from './sharp-image.ts';
import { type DigitCounts, generateDigits } from './synthetic-digits/generate.ts';

/** The sources there are. */
export type SourceName = 'mnist' | 'synthetic-digits' | 'idx' | 'images';

/** What a source may be told; each source reads its own part. */
export interface SourceParams {
  readonly synthetic?: Partial<DigitCounts>;
  readonly mnist?: { readonly mirrors?: readonly string[] };
  readonly idx?: { readonly classes?: readonly string[] };
  readonly images?: Partial<ImageSize>;
}

export interface SourceOptions {
  readonly params: SourceParams;
  /** Where MNIST may lie; undefined when there is no such place. */
  readonly mnist: string | undefined;
  /** The folder `idx` and `images` read. */
  readonly files: string | undefined;
  /** The project's folder: downloads are kept in its data/. */
  readonly root: string;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onBytes?: (file: string, done: number, total: number) => void;
  /** Called when a source has fetched what was missing into the project's data/. */
  readonly onFetched?: () => void;
  readonly onImages?: (done: number, total: number) => void;
}

const DEFAULT_COUNTS: DigitCounts = { train: 6000, test: 1000 };
const DEFAULT_SIZE: ImageSize = { width: 28, height: 28, fit: 'contain', invert: false };

const readMnist = ({
  params,
  mnist,
  root,
  signal,
  onBytes,
  onFetched,
}: SourceOptions): Promise<Result<Dataset, Failure>> =>
  loadMnist({
    folders: mnist === undefined ? [] : [mnist],
    target: join(root, 'data', 'mnist'),
    mirrors: params.mnist?.mirrors ?? MNIST_MIRRORS,
    signal,
    ...(onBytes === undefined ? {} : { onBytes }),
    ...(onFetched === undefined ? {} : { onFetched }),
  });

const filesOf = (source: SourceName, { files }: SourceOptions): Result<string, Failure> =>
  files === undefined
    ? err(failure('DATA_NO_DEP', { source, dep: 'files', example: `deps: { files: ./data/my-${source} }` }))
    : ok(files);

function readIdx(options: SourceOptions): Result<Dataset, Failure> {
  const folder = filesOf('idx', options);
  if (!folder.ok) return folder;
  const files = findIdxFiles(folder.value);
  if (!files.ok) return files;
  return readIdxFiles(files.value, { source: 'idx', classes: options.params.idx?.classes ?? DIGIT_CLASSES });
}

async function readImages(options: SourceOptions): Promise<Result<Dataset, Failure>> {
  const folder = filesOf('images', options);
  if (!folder.ok) return folder;
  const { params, onImages } = options;
  return readImageFolder(folder.value, {
    size: { ...DEFAULT_SIZE, ...params.images },
    ...(onImages === undefined ? {} : { onProgress: onImages }),
  });
}

const READERS: Readonly<Record<SourceName, (options: SourceOptions) => Promise<Result<Dataset, Failure>>>> = {
  mnist: readMnist,
  'synthetic-digits': async ({ params, seed }) => generateDigits({ ...DEFAULT_COUNTS, ...params.synthetic }, seed),
  idx: async (options) => readIdx(options),
  images: readImages,
};

/** Reads all rows of a source as one dataset. */
export const readSource = (source: SourceName, options: SourceOptions): Promise<Result<Dataset, Failure>> =>
  READERS[source](options);
