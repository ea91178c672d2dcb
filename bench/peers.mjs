import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { home, runJson } from './measure.mjs';

const PYTHON = '/usr/bin/python3';

/** Where the peers' scripts are, and what they need; the bench runs without them, too. */
export const peersFolder = () => resolve(home, process.env.MLLOOP_PEERS ?? '../shared/peers');

/** The folder with the four files of MNIST, wherever the pipeline would find them. */
export function mnistFolder() {
  const { MLLOOP_DATA } = process.env;
  const places = [
    ...(MLLOOP_DATA ? [join(MLLOOP_DATA, 'mnist')] : []),
    join(home, 'data/mnist'),
    resolve(home, '../shared/data/mnist'),
  ];
  return places.find((place) => existsSync(join(place, 'train-images-idx3-ubyte.gz')));
}

const GEMM = `
import json, os, time
import numpy as np
a = np.random.rand(1024, 1024).astype(np.float32)
a @ a
best = 0
for _ in range(8):
    t = time.perf_counter(); a @ a; best = max(best, 2 * 1024 ** 3 / (time.perf_counter() - t) / 1e9)
print(json.dumps(dict(gflops=round(best, 1))))
`;

/** OpenBLAS' kernels by what a processor must have for them, best first. */
const KERNELS = [
  ['avx512f', 'SkylakeX'],
  ['avx2', 'Haswell'],
];

/**
 * The environment in which Python's matrix product is fastest here: as it is, or with the kernel the processor has named
 * to OpenBLAS, whose older versions do not know newer processors and then fall back to one of 2004. Peers are run in it,
 * so that they are compared at their best.
 */
export function peerEnvironment() {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...others } = process.env;
  const plain = { ...others, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const flags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const kernel = KERNELS.find(([flag]) => flags.includes(flag))?.[1];
  const tried = [plain, ...(kernel === undefined ? [] : [{ ...plain, OPENBLAS_CORETYPE: kernel }])].map((env) => ({
    env,
    gflops: runJson(PYTHON, ['-c', GEMM], { env })?.gflops ?? 0,
  }));
  return tried.reduce((best, one) => (one.gflops > best.gflops ? one : best));
}

/** Runs a peer's script; undefined where it, or Python, is not installed. */
export const runPeer = (script, args, env) =>
  runJson(PYTHON, [script, ...args.map(String)], { cwd: peersFolder(), env });
