import { machine, median, table } from '../measure.mjs';
import { closedLoad } from './closed-load.mjs';
import { copyState } from './prepare.mjs';
import { memoryOf, startConstant, startFastApi, startMlloop } from './servers.mjs';

const CLIENTS = [1, 8, 64];
const SECONDS = 4;
const OURS = 'mlloop';
const RAW = 'mlloop, raw pixels';
const CONSTANT = 'fastify, constant';
const FASTAPI = 'FastAPI';

/**
 * One sitting: all servers are up, and asked one after the other with each number of clients, so that a busy moment of the
 * machine hits all of them.
 */
export async function sit({ base, folder, root, requests, env }) {
  const ours = await startMlloop(copyState(base, folder), root);
  const { json, binary } = requests;
  const post = ({ path, headers, bodies: [body] }, url) => fetch(`${url}${path}`, { method: 'POST', headers, body });
  const constant = await startConstant(await (await post(json, ours.url)).text());
  const toPeer = { ...json, path: '/v2/models/digits/infer' };
  const fastApi = await startFastApi(env, (url) => post(toPeer, url));
  const contenders = {
    [OURS]: { ...json, url: ours.url },
    [RAW]: { ...binary, url: ours.url },
    [CONSTANT]: { ...json, url: constant.url },
    ...(fastApi === undefined ? {} : { [FASTAPI]: { ...toPeer, url: fastApi.url } }),
  };
  try {
    for (const target of Object.values(contenders)) await closedLoad(target, { clients: 8, seconds: 1 });
    const idleMb = memoryOf(ours.pid)?.nowMb;
    const turns = [];
    for (const clients of CLIENTS) {
      for (const [who, target] of Object.entries(contenders)) {
        turns.push({ clients, who, ...(await closedLoad(target, { clients, seconds: SECONDS })) });
      }
    }
    return { turns, readyMs: ours.readyMs, idleMb, peakMb: memoryOf(ours.pid)?.peakMb };
  } finally {
    for (const server of [ours, constant, fastApi]) await server?.stop();
  }
}

/** Medians over the sittings, and ratios within each. */
export function summarise(sittings) {
  const valuesOf = (clients, who, key) =>
    sittings.flatMap(({ turns }) =>
      turns.filter((turn) => turn.clients === clients && turn.who === who).map((turn) => turn[key]),
    );
  const names = [...new Set(sittings.flatMap(({ turns }) => turns.map(({ who }) => who)))];
  const rows = CLIENTS.flatMap((clients) =>
    names.map((who) => {
      const rates = valuesOf(clients, who, 'perSecond');
      return {
        clients,
        who,
        perSecond: median(rates),
        low: Math.min(...rates),
        high: Math.max(...rates),
        p50Ms: median(valuesOf(clients, who, 'p50Ms')),
        p99Ms: median(valuesOf(clients, who, 'p99Ms')),
        failed: valuesOf(clients, who, 'failed').reduce((sum, one) => sum + one, 0),
      };
    }),
  );
  const ratio = (clients, who, other, key) => {
    const [ones, others] = [valuesOf(clients, who, key), valuesOf(clients, other, key)];
    return others.length === 0 ? undefined : median(ones.map((one, at) => one / others[at]));
  };
  const ratios = CLIENTS.map((clients) => ({
    clients,
    timesFastApi: ratio(clients, OURS, FASTAPI, 'perSecond'),
    p99OfFastApi: ratio(clients, OURS, FASTAPI, 'p99Ms'),
    shareOfConstant: ratio(clients, OURS, CONSTANT, 'perSecond'),
    rawTimesJson: ratio(clients, RAW, OURS, 'perSecond'),
  }));
  const over = (key) => sittings.map((sitting) => sitting[key]).filter((one) => one !== undefined);
  return {
    sittings: sittings.length,
    rows,
    ratios,
    readyMs: median(over('readyMs')),
    idleMb: median(over('idleMb')),
    peakMb: median(over('peakMb')),
  };
}

export function tell({ sittings, rows, ratios, readyMs, idleMb, peakMb }) {
  console.log(`784 numbers as JSON, ${SECONDS} s a turn, medians of ${sittings} sittings, ${machine()}\n`);
  const head = ['clients', 'who', 'requests/s', 'low to high', 'p50', 'p99', 'failed'];
  console.log(
    table([
      head,
      ...rows.map(({ clients, who, perSecond, low, high, p50Ms, p99Ms, failed }) => [
        clients,
        who,
        perSecond.toFixed(0),
        `${low.toFixed(0)} to ${high.toFixed(0)}`,
        `${p50Ms.toFixed(2)} ms`,
        `${p99Ms.toFixed(2)} ms`,
        failed,
      ]),
    ]),
  );
  console.log('\nratios within a sitting, medians');
  for (const { clients, timesFastApi, p99OfFastApi, shareOfConstant, rawTimesJson } of ratios) {
    const beside =
      timesFastApi === undefined
        ? 'FastAPI is not installed'
        : `${timesFastApi.toFixed(1)}x FastAPI’s requests/s, ${(100 * p99OfFastApi).toFixed(0)} % of its p99`;
    const share = `${(100 * shareOfConstant).toFixed(0)} % of the constant server`;
    console.log(`${clients} clients: ${beside}; ${share}; raw pixels ${rawTimesJson.toFixed(2)}x JSON`);
  }
  console.log('targets: 5x FastAPI at 64 clients, 2x at 1, a lower p99 at both; 60 % of the constant server');
  const memory = `${idleMb.toFixed(0)} MB warm, ${peakMb.toFixed(0)} MB at most`;
  console.log(`start to ready ${readyMs.toFixed(0)} ms (target 500); memory ${memory} (target 250)`);
}
