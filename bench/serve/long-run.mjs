import { statSync } from 'node:fs';
import { join } from 'node:path';
import { closedLoad } from './closed-load.mjs';
import { memoryChange } from './overload.mjs';
import { copyState } from './prepare.mjs';
import { memoryOf, startMlloop } from './servers.mjs';

const CLIENTS = 64;
const LOOK_MS = 1000;

/** So many requests in a row, all put on record: does memory grow? */
export async function longRun({ base, folder, root, requests }, amount) {
  const state = copyState(base, folder);
  const server = await startMlloop(state, root);
  const logMb = () => statSync(join(state, 'runs.db')).size / 1e6;
  try {
    const beforeLogMb = logMb();
    const looks = [];
    const look = setInterval(() => looks.push(memoryOf(server.pid)?.nowMb), LOOK_MS);
    const target = { ...requests.json, url: server.url };
    const { answered, failed, perSecond, p99Ms } = await closedLoad(target, { clients: CLIENTS, amount });
    clearInterval(look);
    const found = {
      answered,
      failed,
      perSecond,
      p99Ms,
      ...memoryChange(looks),
      peakMb: memoryOf(server.pid)?.peakMb,
      logMb: logMb() - beforeLogMb,
    };
    tell(found);
    return found;
  } finally {
    await server.stop();
  }
}

function tell({ answered, failed, perSecond, p99Ms, beforeMb, afterMb, peakMb, logMb }) {
  console.log(
    `\n${answered} requests in a row: ${failed} failed, ${perSecond.toFixed(0)}/s, p99 ${p99Ms.toFixed(1)} ms`,
  );
  const memory =
    beforeMb === undefined
      ? 'memory: this system does not tell'
      : `memory ${beforeMb.toFixed(0)} MB in the second third, ${afterMb.toFixed(0)} MB in the last, ${peakMb.toFixed(0)} MB at most`;
  console.log(`${memory}; the log grew by ${logMb.toFixed(0)} MB`);
}
