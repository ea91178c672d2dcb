// A log of ten thousand runs: what it takes to list and compare.
// Usage: npm run bench -- log [RUNS]
import { join } from 'node:path';
import { importLib, machine } from './measure.mjs';
import { bareCpu, bareNode, beyondNode, inTurns, mlloop, mlloopCpu, withFolder } from './timing.mjs';

const ROUNDS = 15;

export async function bench([count]) {
  const runs = Number(count ?? 10_000);
  const { module } = await importLib('fill-log.ts');
  await withFolder({}, async (folder) => {
    module.fillLog(join(folder, 'runs.db'), runs);
    const verbs = {
      runs: ['runs'],
      'runs --json': ['runs', '--json'],
      compare: ['compare', String(runs - 1), String(runs)],
      'compare, the first with the last': ['compare', '1', String(runs)],
      show: ['show'],
    };
    const contenders = Object.fromEntries(
      Object.entries(verbs).map(([name, args]) => [name, () => mlloop(args, folder).ms]),
    );
    const took = inTurns({ 'node -e 0': bareNode(folder), ...contenders }, ROUNDS);
    const cpuOf = Object.entries(verbs).map(([name, args]) => [name, mlloopCpu(args, folder)]);
    const cpu = inTurns({ 'node -e 0': bareCpu(folder), ...Object.fromEntries(cpuOf) }, ROUNDS);
    console.log(`${runs} runs in the log, medians of ${ROUNDS} rounds in turns, ${machine()}`);
    console.log(beyondNode(took, cpu));
    console.log('target: at most 100 ms beyond a bare Node');
    console.log(JSON.stringify({ bench: 'log', runs, rounds: ROUNDS, medianMs: took, cpuMs: cpu }));
  });
}
