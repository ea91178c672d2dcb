import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { home } from '../measure.mjs';
import { program } from '../timing.mjs';
import { closedLoad } from './closed-load.mjs';
import { copyState } from './prepare.mjs';
import { startMlloop } from './servers.mjs';

const SWAPS = 50;
const CLIENTS = 8;
const QUIET_S = 4;
const run = promisify(execFile);

/** Promotions one after the other, each waited for until the server answers with it, while clients go on asking. */
export async function swaps({ base, folder, root, requests, line, versions }) {
  const [first, second] = versions;
  if (second === undefined) {
    console.log('\nswaps: there is only one version, so nothing to swap');
    return undefined;
  }
  const state = copyState(base, folder);
  const server = await startMlloop(state, root);
  try {
    const target = { ...requests.json, url: server.url };
    const quiet = await closedLoad(target, { clients: CLIENTS, seconds: QUIET_S });
    const startedMs = performance.now();
    const took = [];
    const isOver = { now: false };
    const promoting = (async () => {
      for (let at = 0; at < SWAPS; at++) {
        const version = at % 2 === 0 ? second : first;
        await run(process.execPath, [program, 'promote', `v${version}`, '--line', line, '--state', state], {
          cwd: home,
        });
        const promotedMs = performance.now();
        await servesVersion(server.url, line, version);
        took.push(performance.now() - promotedMs);
      }
    })().finally(() => {
      isOver.now = true;
    });
    const busy = [];
    while (!isOver.now) busy.push(await closedLoad(target, { clients: CLIENTS, seconds: 2 }));
    await promoting;
    const found = {
      swaps: SWAPS,
      seconds: (performance.now() - startedMs) / 1000,
      answered: busy.reduce((sum, one) => sum + one.answered, 0),
      failed: busy.reduce((sum, one) => sum + one.failed, 0),
      p99Ms: Math.max(...busy.map((one) => one.p99Ms)),
      quietP99Ms: quiet.p99Ms,
      slowestMs: Math.max(...took),
    };
    tell(found);
    return found;
  } finally {
    await server.stop();
  }
}

async function servesVersion(url, line, version) {
  for (;;) {
    const { versions } = await (await fetch(`${url}/v2/models/${line}`)).json();
    if (versions.includes(String(version))) return;
  }
}

function tell({ swaps: count, seconds, answered, failed, p99Ms, quietP99Ms, slowestMs }) {
  console.log(
    `\n${count} swaps in ${seconds.toFixed(0)} s under ${CLIENTS} clients: ${failed} of ${answered} requests failed`,
  );
  console.log(
    `p99 at worst ${p99Ms.toFixed(1)} ms, ${quietP99Ms.toFixed(1)} ms without swaps; at most ${slowestMs.toFixed(0)} ms from a promotion to its answers`,
  );
}
