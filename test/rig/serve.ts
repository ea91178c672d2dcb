import { join } from 'node:path';
import { contentOf } from '../../lib/cache/content.ts';
import { createDataset } from '../../lib/data/dataset.ts';
import { orRaise } from '../../lib/domain/raised.ts';
import { fitClassifier } from '../../lib/ml/fit-classifier.ts';
import { saveModel } from '../../lib/ml/save-model.ts';
import { DEFAULT_SETTINGS, hyperparametersOf } from '../../lib/ml/settings.ts';
import { publishVersion } from '../../lib/registry/version-folder.ts';
import { buildServer, type Server, type ServerOptions } from '../../lib/serve/build-server.ts';
import type { VersionFeed, WantedVersion } from '../../lib/serve/version-feed.ts';
import { systemClock } from '../../lib/util/clock.ts';
import { ok } from '../../lib/util/result.ts';
import { createRng } from '../../lib/util/rng.ts';
import { onnxEngine } from '../ml/engine.ts';
import { builtEntry } from './in-process.ts';

/** Shape, size and classes of the rows that the models of these tests take. */
export const ROW = { shape: [4, 3], width: 12, classes: ['a', 'b', 'c'] } as const;

/** Raw rows, the same for the same seed. */
export function rawRows(rows: number, seed = 3): Uint8Array {
  const rng = createRng(seed);
  return Uint8Array.from({ length: rows * ROW.width }, () => rng.int(256));
}

export interface RegisteredModel extends WantedVersion {
  readonly hash: string;
  /** What training answers for raw rows: rows x classes. */
  answersOf(inputs: Uint8Array, rows: number): Promise<Float32Array>;
}

/** Fits a small model and lays it out as a registered version; another seed answers otherwise. */
export async function registerModel(
  folder: string,
  version: number,
  line = 'toy',
  hidden: readonly number[] = [6],
): Promise<RegisteredModel> {
  const count = 60;
  const data = rawRows(count, version + 100);
  const label = Int32Array.from({ length: count }, (_, row) => row % 3);
  const dataset = orRaise(
    createDataset({ columns: { pixels: { data, shape: [...ROW.shape] }, label }, classes: [...ROW.classes] }),
  );
  const engine = await onnxEngine();
  const settings = { ...DEFAULT_SETTINGS, hidden: [...hidden], epochs: 3, batch: 8, learningRate: 0.05 };
  const rows = Int32Array.from({ length: count }, (_, row) => row);
  const { spec, transform, fitted, trained } = orRaise(
    await fitClassifier({ engine, dataset, rows, settings, seed: version }),
  );
  const source = join(folder, `made-${line}-${version}`);
  const card = {
    spec,
    hyperparameters: hyperparametersOf(settings),
    transform,
    classes: [...ROW.classes],
    trainedOn: { rows: trained.count, generated: false },
  };
  await saveModel(source, { card, fitted, engine, rows: trained });
  const target = join(folder, 'models', line, `v${version}`);
  const { hash } = await contentOf(source);
  publishVersion(target, { source, line, version, run: 1, hash, metrics: {} });
  return {
    line,
    version,
    hash,
    folder: target,
    answersOf: (inputs, asked) => engine.predict({ spec, transform, weights: fitted.weights, inputs, count: asked }),
  };
}

/** A registry that says what the test wants. */
export interface TestFeed extends VersionFeed {
  want(...versions: readonly WantedVersion[]): void;
}

export function createFeed(...first: readonly WantedVersion[]): TestFeed {
  let wanted = first;
  let mark = 0;
  return {
    mark: () => mark,
    wanted: () => ok(wanted),
    want: (...versions) => {
      wanted = versions;
      mark += 1;
    },
  };
}

type TestOptions = Partial<Omit<ServerOptions, 'feed'>>;

/** The server with its real threads, ready where it has a version to load. */
export async function startServer(feed: VersionFeed, options: TestOptions = {}): Promise<Server> {
  const server = await beginServer(feed, options);
  await server.parts.models.settled();
  return server;
}

/** However busy the machine is that the tests run on, nothing is shed where a test is not about that. */
const UNHURRIED = { deadlineMs: 60_000 };

/** The server while it loads its versions. */
export const beginServer = (feed: VersionFeed, options: TestOptions = {}): Promise<Server> =>
  buildServer({
    feed,
    threadFile: builtEntry('serve-thread'),
    version: '0.0.0',
    alias: 'champion',
    clock: systemClock,
    ...options,
    limits: { ...UNHURRIED, ...options.limits },
  });

/** An inference request for raw rows, as JSON. */
export const inferBody = (inputs: Iterable<number>, rows: number, more: object = {}): object => ({
  inputs: [{ name: 'input', shape: [rows, ...ROW.shape], datatype: 'FP32', data: [...inputs] }],
  ...more,
});
