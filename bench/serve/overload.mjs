import { median } from '../measure.mjs';
import { closedLoad } from './closed-load.mjs';
import { openLoad } from './open-load.mjs';
import { copyState } from './prepare.mjs';
import { memoryOf, startMlloop } from './servers.mjs';

const CLIENTS = 64;
const WARM_S = 3;
const BEST_S = 6;
const OVER_S = 30;
const LOOK_MS = 1000;

/** What the server does with twice as many requests as it can answer. */
export async function overload({ base, folder, root, requests }) {
  const server = await startMlloop(copyState(base, folder), root);
  try {
    const target = { ...requests.json, url: server.url };
    await closedLoad(target, { clients: CLIENTS, seconds: WARM_S });
    const best = await closedLoad(target, { clients: CLIENTS, seconds: BEST_S });
    const looks = [];
    const look = setInterval(() => looks.push(memoryOf(server.pid)?.nowMb), LOOK_MS);
    const over = await openLoad(target, { perSecond: 2 * best.perSecond, seconds: OVER_S });
    clearInterval(look);
    const after = await closedLoad(target, { clients: CLIENTS, seconds: BEST_S });
    const memory = memoryChange(looks);
    tell({ best, over, after, memory });
    return { bestPerSecond: best.perSecond, ...over, afterPerSecond: after.perSecond, ...memory };
  } finally {
    await server.stop();
  }
}

/** Medians of the second and of the last third: the first one still warms up. */
export function memoryChange(looks) {
  const third = Math.floor(looks.length / 3);
  if (third === 0 || looks.includes(undefined)) return {};
  return { beforeMb: median(looks.slice(third, 2 * third)), afterMb: median(looks.slice(-third)) };
}

function tell({ best, over, after, memory }) {
  const share = (100 * over.acceptedPerSecond) / best.perSecond;
  console.log(
    `\ntwice the load: ${over.sentPerSecond.toFixed(0)} requests/s sent for ${OVER_S} s, on a fixed schedule`,
  );
  console.log(
    `best before ${best.perSecond.toFixed(0)}/s; answered ${over.acceptedPerSecond.toFixed(0)}/s (${share.toFixed(0)} %; target 90)`,
  );
  console.log(
    `of the answered: p50 ${over.p50Ms.toFixed(0)} ms, p99 ${over.p99Ms.toFixed(0)} ms (target 250); of the refused: p99 ${over.refusedP99Ms.toFixed(0)} ms`,
  );
  const codes = Object.entries(over.codes).map(([code, count]) => `${count} x ${code}`);
  const late = `at most ${over.mostLate} were late, because no connection was free`;
  console.log(`${codes.join(', ')}; ${over.errors} errors; ${late}; afterwards ${after.perSecond.toFixed(0)}/s`);
  console.log(`the generator took ${(100 * over.generatorCores).toFixed(0)} % of one of the two cores`);
  const { beforeMb, afterMb } = memory;
  if (beforeMb !== undefined) console.log(`memory ${beforeMb.toFixed(0)} MB, then ${afterMb.toFixed(0)} MB`);
}
