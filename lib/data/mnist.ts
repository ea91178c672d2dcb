import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, failure, failureText } from '../domain/failure.ts';
import { sha256File } from '../util/hash.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { Dataset } from './dataset.ts';
import { download } from './download.ts';
import { readIdxFiles } from './idx-folder.ts';
import { DIGIT_CLASSES, MNIST_FILES, type MnistFile } from './mnist-files.ts';

export interface MnistOptions {
  /** Folders to look into, best first. */
  readonly folders: readonly string[];
  /** Where downloaded files are kept; looked into as well. */
  readonly target: string;
  /** Base URLs, tried in order. */
  readonly mirrors: readonly string[];
  /** The four files; a test brings smaller ones. */
  readonly files?: Readonly<Record<keyof typeof MNIST_FILES, MnistFile>>;
  readonly connectTimeoutMs?: number;
  readonly stallTimeoutMs?: number;
  readonly signal: AbortSignal;
  readonly onBytes?: (file: string, done: number, total: number) => void;
  /** Called once a missing file has been fetched into `target`. */
  readonly onFetched?: () => void;
}

interface Found {
  readonly paths: Readonly<Record<string, string>>;
  readonly missing: readonly MnistFile[];
}

const placesOf = ({ folders, target }: MnistOptions): readonly string[] => [...new Set([...folders, target])];

async function findLocally(files: readonly MnistFile[], places: readonly string[]): Promise<Result<Found, Failure>> {
  const paths: Record<string, string> = {};
  for (const { name, sha256 } of files) {
    const file = places.map((place) => join(place, name)).find((path) => existsSync(path));
    if (file === undefined) continue;
    const seen = await sha256File(file);
    if (seen !== sha256) return err(failure('DATA_WRONG_HASH', { file, seen, expected: sha256 }));
    paths[name] = file;
  }
  return ok({ paths, missing: files.filter(({ name }) => paths[name] === undefined) });
}

/** Fetches one file from the first mirror that gives it; mirrors that never answer are not asked again. */
async function fetchFile(
  file: MnistFile,
  silent: Set<string>,
  options: MnistOptions,
): Promise<Result<string, readonly Failure[]>> {
  const faults: Failure[] = [];
  const target = join(options.target, file.name);
  for (const mirror of options.mirrors) {
    if (silent.has(mirror)) continue;
    const fetched = await download({
      url: `${mirror.replace(/\/?$/, '/')}${file.name}`,
      target,
      sha256: file.sha256,
      bytes: file.bytes,
      connectTimeoutMs: options.connectTimeoutMs ?? 4000,
      stallTimeoutMs: options.stallTimeoutMs ?? 20_000,
      signal: options.signal,
      onBytes: (done, total) => options.onBytes?.(file.name, done, total),
    });
    if (fetched.ok) return ok(target);
    faults.push(fetched.failure.failure);
    if (fetched.failure.failure.code === 'STAGE_INTERRUPTED') break;
    if (!fetched.failure.hasAnswered) silent.add(mirror);
  }
  return err(faults);
}

/**
 * MNIST from the four original files: checked by SHA-256 where they lie, else fetched from the mirrors into `target`,
 * one whole file at a time. DATA_UNAVAILABLE says where it looked and what every mirror answered.
 */
export async function loadMnist(options: MnistOptions): Promise<Result<Dataset, Failure>> {
  const files = options.files ?? MNIST_FILES;
  const places = placesOf(options);
  const local = await findLocally(Object.values(files), places);
  if (!local.ok) return local;
  const paths: Record<string, string> = { ...local.value.paths };
  const silent = new Set<string>();
  for (const [at, file] of local.value.missing.entries()) {
    const fetched = await fetchFile(file, silent, options);
    if (!fetched.ok) {
      const interrupted = fetched.failure.find(({ code }) => code === 'STAGE_INTERRUPTED');
      if (interrupted !== undefined) return err(interrupted);
      return err(
        failure('DATA_UNAVAILABLE', {
          source: 'mnist',
          missing: local.value.missing.slice(at).map(({ name }) => name),
          looked: places,
          tried: fetched.failure.map(failureText),
          folder: options.target,
        }),
      );
    }
    paths[file.name] = fetched.value;
    options.onFetched?.();
  }
  const pathOf = ({ name }: MnistFile): string => paths[name] ?? join(options.target, name);
  return readIdxFiles(
    {
      train: { images: pathOf(files.trainImages), labels: pathOf(files.trainLabels) },
      test: { images: pathOf(files.testImages), labels: pathOf(files.testLabels) },
    },
    { source: 'mnist', classes: DIGIT_CLASSES },
  );
}
