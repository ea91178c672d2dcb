// One epoch of 784-100-10 with Adam on shuffled MNIST, one thread, beside scikit-learn and PyTorch where they are
// installed: every sitting runs all of them one after the other, and only ratios within a sitting are compared.
// Usage: npm run bench -- train [SITTINGS] [--tfjs]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { home, importLib, machine, median, runJson, table } from './measure.mjs';
import { mnistFolder, peerEnvironment, runPeer } from './peers.mjs';
import { sgemmOfRuntime } from './sgemm.mjs';

const EPOCHS = 5;
const BATCHES = [128, 32];
const PEERS = ['train_sklearn.py', 'train_torch.py'];
const ROWS = 60_000;
/** Of MNIST's 784 pixels those that hold anything in some training row: a step leaves the others out. */
const COLUMNS = 717;
/** Forward and both products of the way back for 717 x 100 and 100 x 10, but not the gradient of the pixels. */
const FLOP_PER_ROW = 2 * (2 * COLUMNS * 100 + 3 * 100 * 10);

export async function bench(args) {
  const source = mnistFolder();
  if (source === undefined)
    throw new Error('MNIST is not there: put its four files into data/mnist, or set MLLOOP_DATA');
  const sittings = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 3);
  const engines = args.includes('--tfjs') ? ['onnx', 'tfjs'] : ['onnx'];
  const { path, module } = await importLib('train-one.ts');
  const folder = mkdtempSync(join(tmpdir(), 'mlloop-bench-'));
  try {
    await module.writeMnist(source, folder);
    const peers = peerEnvironment();
    const results = [];
    for (const batch of BATCHES) {
      for (let sitting = 1; sitting <= sittings; sitting++) {
        const add = (result) => result !== undefined && results.push({ ...result, batch, sitting });
        for (const name of engines) {
          const epochs = name === 'tfjs' ? 1 : EPOCHS;
          add(runJson(process.execPath, [path, folder, name, batch, epochs], { cwd: home }));
        }
        for (const script of PEERS) add(runPeer(script, [source, batch, EPOCHS], peers.env));
        process.stderr.write(`batch ${batch}, sitting ${sitting} of ${sittings}\n`);
      }
    }
    const sgemm = { runtime: await sgemmOfRuntime(), python: peers.gflops };
    tell({ results, sgemm, kernel: peers.env.OPENBLAS_CORETYPE ?? 'as it is', sittings });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tell({ results, sgemm, kernel, sittings }) {
  const summary = BATCHES.map((batch) =>
    summarise(
      results.filter((result) => result.batch === batch),
      sgemm,
    ),
  );
  const head = ['batch', 'who', 's an epoch', 'low to high', 'test accuracy', 'longest call', 'peak memory'];
  const rows = summary.flatMap(({ batch, who }) =>
    who.map(({ peer, seconds, low, high, accuracy, longestMs, peakMb }) => [
      batch,
      peer,
      seconds.toFixed(3),
      `${low.toFixed(3)} to ${high.toFixed(3)}`,
      accuracy.map((one) => (100 * one).toFixed(2)).join(' to '),
      longestMs === undefined ? '' : `${longestMs} ms`,
      peakMb === undefined ? '' : `${peakMb} MB`,
    ]),
  );
  console.log(`median of ${sittings} sittings, ${machine()}; OpenBLAS kernel ${kernel}\n`);
  console.log(table([head, ...rows]));
  for (const { batch, fasterThanPeers, gflops, shareOfRuntime, shareOfOpenBlas } of summary) {
    const ratio =
      fasterThanPeers === undefined
        ? 'no peer is installed'
        : `${fasterThanPeers.toFixed(2)}x as fast as the faster peer`;
    const shares = [
      [shareOfRuntime, 'ONNX Runtime', sgemm.runtime],
      [shareOfOpenBlas, 'OpenBLAS', sgemm.python],
    ].flatMap(([share, whose, ceiling]) =>
      share === undefined
        ? []
        : [`${(100 * share).toFixed(0)} % of a large product of ${whose} (${ceiling.toFixed(0)})`],
    );
    console.log(`\nbatch ${batch}: ${ratio}; ${gflops.toFixed(0)} GFLOP/s, ${shares.join(', ')}`);
  }
  console.log(JSON.stringify({ bench: 'train', sittings, kernel, sgemm, summary }));
}

function summarise(results, sgemm) {
  const names = [...new Set(results.map(({ peer }) => peer))];
  const who = names.map((peer) => {
    const own = results.filter((result) => result.peer === peer);
    const seconds = own.map((result) => result.s_per_epoch);
    const accuracies = own.map((result) => result.test_accuracy);
    return {
      peer,
      seconds: median(seconds),
      low: Math.min(...seconds),
      high: Math.max(...seconds),
      accuracy: [...new Set([Math.min(...accuracies), Math.max(...accuracies)])],
      ...(own[0].longest_call_ms === undefined
        ? {}
        : { longestMs: Math.max(...own.map((one) => one.longest_call_ms)) }),
      ...(own[0].peak_mb === undefined ? {} : { peakMb: Math.max(...own.map((one) => one.peak_mb)) }),
    };
  });
  // A ratio is taken within a sitting, where all had the same machine.
  const ratios = [...new Set(results.map(({ sitting }) => sitting))].flatMap((sitting) => {
    const there = results.filter((result) => result.sitting === sitting);
    const ours = there.find(({ peer }) => peer.startsWith('mlloop onnx'))?.s_per_epoch;
    const theirs = there.filter(({ peer }) => !peer.startsWith('mlloop')).map((result) => result.s_per_epoch);
    return theirs.length === 0 || ours === undefined ? [] : [Math.min(...theirs) / ours];
  });
  const ours = who.find(({ peer }) => peer.startsWith('mlloop onnx'));
  const gflops = (ROWS * FLOP_PER_ROW) / (ours?.low ?? Number.NaN) / 1e9;
  return {
    batch: results[0]?.batch,
    who,
    ...(ratios.length === 0 ? {} : { fasterThanPeers: median(ratios) }),
    // The best sitting against the best product: both are what the machine can do when it is left alone.
    gflops,
    shareOfRuntime: gflops / sgemm.runtime,
    ...(sgemm.python === 0 ? {} : { shareOfOpenBlas: gflops / sgemm.python }),
  };
}
