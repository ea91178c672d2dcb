// A large dep: what it costs untouched, and what it costs once it was touched, beside SHA-256 itself.
// Usage: npm run bench -- dep [MEGABYTES]
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { machine, median, table } from './measure.mjs';
import { inTurns, mlloop, ms, settle, withFolder } from './timing.mjs';

const yaml = (dep) => `name: large
seed: 1
stages:
  size: { cmd: [sh, -c, 'wc -c < "$0" > "$1"', "{deps.data}", "{outs.out}"], deps: { data: ./${dep} }, outs: { out: file } }
`;

const BLOCK = 1 << 20;

function fill(file, megabytes) {
  const handle = openSync(file, 'w');
  for (let at = 0; at < megabytes; at++) writeSync(handle, Buffer.alloc(BLOCK, at % 251));
  closeSync(handle);
}

/** Reads and hashes the file, and nothing else. */
function hashAlone(file) {
  const start = performance.now();
  const hash = createHash('sha256');
  const block = Buffer.alloc(BLOCK);
  const handle = openSync(file, 'r');
  for (let read = readSync(handle, block); read > 0; read = readSync(handle, block))
    hash.update(block.subarray(0, read));
  closeSync(handle);
  hash.digest();
  return performance.now() - start;
}

export function bench([size]) {
  const megabytes = Number(size ?? 500);
  const files = { 'large/pipeline.yaml': yaml('data'), 'small/pipeline.yaml': yaml('data'), 'small/data': 'x' };
  return withFolder(files, async (folder) => {
    const [large, small] = [join(folder, 'large'), join(folder, 'small')];
    const data = join(large, 'data');
    fill(data, megabytes);
    const runs = { large: () => mlloop(['run'], large).ms, small: () => mlloop(['run'], small).ms };
    for (const run of Object.values(runs)) run();
    await settle(() => Object.values(runs).forEach((run) => void run()));
    const untouched = inTurns(runs, 15);
    const touched = [];
    const alone = [];
    for (let round = 0; round < 5; round++) {
      utimesSync(data, new Date(), new Date(Date.now() - 1000 * round));
      touched.push(runs.large() - untouched.small);
      alone.push(hashAlone(data));
    }
    const cost = untouched.large - untouched.small;
    console.log(`a dep of ${megabytes} MB, ${machine()}`);
    const speed = (took) => `${((megabytes / took) * 1000).toFixed(0)} MB/s`;
    console.log(
      table([
        ['what', 'took', 'speed'],
        ['untouched, beyond a dep of one byte', ms(cost), '(target: 5 ms)'],
        ['touched, beyond a dep of one byte', ms(median(touched)), speed(median(touched))],
        ['SHA-256 alone', ms(median(alone)), speed(median(alone))],
      ]),
    );
    const ratio = median(touched) / median(alone);
    console.log(`touched beside the hash alone: x ${ratio.toFixed(2)}`);
    console.log(
      JSON.stringify({
        bench: 'dep',
        megabytes,
        untouchedMs: cost,
        touchedMs: median(touched),
        hashMs: median(alone),
        ratio,
      }),
    );
  });
}
