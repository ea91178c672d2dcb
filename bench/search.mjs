// A grid search with cross-validation through the pipeline's own stage, beside scikit-learn's GridSearchCV on the same rows:
// 8 candidates, 3 folds, 3 epochs, two processes, the winner refitted. Then how the cost grows. Usage: npm run bench -- search [SITTINGS]
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { home, machine, median, table } from './measure.mjs';
import { mnistFolder, peerEnvironment, runPeer } from './peers.mjs';

const program = join(home, 'lib', 'cli', 'mlloop.mjs');
const EPOCHS = 3;
const FOLDS = 3;
const HALF = 'hidden: [[50], [100]], learningRate: [0.001, 0.003]';
const WHOLE = `${HALF}, batch: [64, 128]`;

export async function bench(args) {
  const source = mnistFolder();
  if (source === undefined) throw new Error('MNIST is not there: put its files into data/mnist, or set MLLOOP_DATA');
  const sittings = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 3);
  const folder = mkdtempSync(join(tmpdir(), 'mlloop-bench-'));
  try {
    const peers = peerEnvironment();
    const project = (rows) => makeProject({ source, rows, folder: join(folder, String(rows)) });
    const [small, large] = [project(10_000), project(20_000)];
    const beside = [];
    for (let sitting = 1; sitting <= sittings; sitting++) {
      const ours = large.search({ grid: WHOLE, workers: 2 });
      const startedMs = performance.now();
      const theirs = runPeer('grid_sklearn.py', [source, 20_000, FOLDS, EPOCHS, 2], peers.env);
      const theirWholeS = (performance.now() - startedMs) / 1000;
      beside.push({ ours, theirs: theirs === undefined ? undefined : { ...theirs, wholeS: theirWholeS } });
      process.stderr.write(`sitting ${sitting} of ${sittings}\n`);
    }
    const growth = [
      ['10,000 rows, 4 candidates, 1 worker', small.search({ grid: HALF, workers: 1 })],
      ['20,000 rows', large.search({ grid: HALF, workers: 1 })],
      ['8 candidates', small.search({ grid: WHOLE, workers: 1 })],
      ['2 workers', small.search({ grid: HALF, workers: 2 })],
    ];
    tell({ beside, growth, sittings });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The shipped pipeline on the first rows of MNIST, up to the rows and the baseline that the search takes. */
function makeProject({ source, rows, folder }) {
  mkdirSync(join(folder, 'files'), { recursive: true });
  for (const name of ['pipeline.yaml', 'stages']) cpSync(join(home, name), join(folder, name), { recursive: true });
  writeFileSync(
    join(folder, 'pipeline.yaml'),
    readFileSync(join(folder, 'pipeline.yaml'), 'utf8').replace(
      '    deps:\n      mnist:',
      '    deps:\n      files: ./files\n      mnist:',
    ),
  );
  for (const [half, count] of [
    ['train', rows],
    ['t10k', 10_000],
  ]) {
    cut(join(source, `${half}-images-idx3-ubyte.gz`), {
      head: 16,
      width: 784,
      count,
      to: join(folder, 'files', `${half}-images-idx3-ubyte`),
    });
    cut(join(source, `${half}-labels-idx1-ubyte.gz`), {
      head: 8,
      width: 1,
      count,
      to: join(folder, 'files', `${half}-labels-idx1-ubyte`),
    });
  }
  const settings = [
    'collect.params={source: idx}',
    'preprocess.params={live: 0}',
    `train.params={hidden: [100], epochs: ${EPOCHS}, validation: 0}`,
  ];
  const set = (values) => values.flatMap((value) => ['--set', value]);
  const mlloop = (...args) =>
    execFileSync(process.execPath, [program, ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  mlloop('run', '--to', 'train', ...set(settings));
  return {
    search: ({ grid, workers }) => {
      // Whatever was computed before would be looked up, so each search begins with an empty memo.
      forget(folder);
      const searched = [...settings, `optimize.params={folds: ${FOLDS}, grid: {${grid}}}`];
      const started = performance.now();
      mlloop('run', '--only', 'optimize', '--force', 'optimize', '--workers', String(workers), ...set(searched));
      const wallS = (performance.now() - started) / 1000;
      const { stages, cvResults, trials } = JSON.parse(mlloop('show', '--json'));
      const best = cvResults.rank_test_score.indexOf(1);
      const peaks = trials.flatMap((trial) => trial.folds.map(({ peakMemoryBytes }) => peakMemoryBytes ?? 0));
      return {
        wallS,
        stageS: stages[0].durationMs / 1000,
        best: cvResults.params[best],
        accuracy: cvResults.mean_test_score[best],
        peakMb: Math.round(Math.max(...peaks) / 1e6),
      };
    },
  };
}

function forget(folder) {
  execFileSync(
    process.execPath,
    [
      '-e',
      `const db = require('better-sqlite3')(process.argv[1]); db.exec('DELETE FROM task_memo'); db.close();`,
      join(folder, 'runs.db'),
    ],
    { cwd: home },
  );
}

/** The first rows of a gzipped IDX file as an IDX file of their own. */
function cut(file, { head, width, count, to }) {
  const bytes = gunzipSync(readFileSync(file)).subarray(0, head + width * count);
  bytes.writeUInt32BE(count, 4);
  writeFileSync(to, bytes);
}

function tell({ beside, growth, sittings }) {
  console.log(
    `20,000 rows, 8 candidates, ${FOLDS} folds, ${EPOCHS} epochs, 2 processes, refit; ${sittings} sittings, ${machine()}\n`,
  );
  const rows = beside.map(({ ours, theirs }, at) => [
    at + 1,
    ours.stageS.toFixed(2),
    theirs === undefined ? '-' : theirs.wall_s.toFixed(2),
    theirs === undefined ? '-' : (theirs.wall_s / ours.stageS).toFixed(2),
    ours.wallS.toFixed(2),
    theirs === undefined ? '-' : theirs.wholeS.toFixed(2),
    theirs === undefined ? '-' : (theirs.wholeS / ours.wallS).toFixed(2),
    `${JSON.stringify(ours.best)} ${ours.accuracy.toFixed(4)}`,
    theirs === undefined ? '-' : `${JSON.stringify(theirs.best)} ${theirs.cv_accuracy.toFixed(4)}`,
  ]);
  // The search alone: their fit() against our stage, from its process' start until its outs are stored.
  const search = ['ours, s', 'scikit-learn, s', 'ratio'];
  const head = ['sitting', ...search, ...search.map((one) => `command: ${one}`), 'our winner', 'theirs'];
  console.log(table([head, ...rows]));
  const [[, first]] = growth;
  console.log('');
  console.log(
    table([
      ['growth', 's', 'times the first', 'peak of a worker'],
      ...growth.map(([what, { stageS, peakMb }]) => [
        what,
        stageS.toFixed(2),
        (stageS / first.stageS).toFixed(2),
        `${peakMb} MB`,
      ]),
    ]),
  );
  const ratios = (ratio) => {
    const there = beside.flatMap(({ ours, theirs }) => (theirs === undefined ? [] : [ratio(ours, theirs)]));
    return there.length === 0 ? null : median(there);
  };
  console.log('');
  console.log(
    JSON.stringify({
      bench: 'search',
      oursS: median(beside.map(({ ours }) => ours.stageS)),
      ratioToSklearn: ratios((ours, theirs) => theirs.wall_s / ours.stageS),
      ratioOfCommands: ratios((ours, theirs) => theirs.wholeS / ours.wallS),
      growth: Object.fromEntries(growth.map(([what, { stageS }]) => [what, stageS])),
    }),
  );
}
