// The model server under load, on the same cores as the load: beside FastAPI with PyTorch where it is installed, and beside a
// fastify server that answers a constant; then twice the load it can carry, 50 swaps under load, and, with MLLOOP_REQUESTS=N,
// N requests in a row. Usage: npm run bench -- serve [SITTINGS] [--state DIR] [--only beside,overload,swaps,long]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { home } from './measure.mjs';
import { peerEnvironment } from './peers.mjs';
import { sit, summarise, tell } from './serve/beside.mjs';
import { longRun } from './serve/long-run.mjs';
import { overload } from './serve/overload.mjs';
import { makeState, requestsOf, versionsIn } from './serve/prepare.mjs';
import { swaps } from './serve/swaps.mjs';
import { mlloop } from './timing.mjs';

const PARTS = ['beside', 'overload', 'swaps', 'long'];

export async function bench(args) {
  const options = { state: { type: 'string' }, only: { type: 'string', default: PARTS.join(',') } };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const only = values.only.split(',');
  const unknown = only.filter((part) => !PARTS.includes(part));
  if (unknown.length > 0) throw new Error(`There is no part '${unknown[0]}'; there are ${PARTS.join(', ')}.`);
  const folder = mkdtempSync(join(tmpdir(), 'mlloop-bench-'));
  try {
    const base = values.state === undefined ? makeState(join(folder, 'base')) : resolve(values.state);
    // Whoever serves has run the pipeline before, and with it has had pipeline.yaml checked as the server reads it.
    mlloop(['plan', '--state', base], home);
    const { line, versions } = versionsIn(base);
    const setting = { base, folder, root: home, line, versions, requests: requestsOf(base, line) };
    const found = { bench: 'serve' };
    if (only.includes('beside')) {
      const { env } = peerEnvironment();
      const count = Number(positionals[0] ?? 3);
      const sittings = [];
      while (sittings.length < count) {
        sittings.push(await sit({ ...setting, env }));
        process.stderr.write(`sitting ${sittings.length} of ${count}\n`);
      }
      found.beside = summarise(sittings);
      tell(found.beside);
    }
    if (only.includes('overload')) found.overload = await overload(setting);
    if (only.includes('swaps')) found.swaps = await swaps(setting);
    const amount = Number(process.env.MLLOOP_REQUESTS ?? 0);
    if (only.includes('long') && amount > 0) found.long = await longRun(setting, amount);
    console.log(JSON.stringify(found));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
