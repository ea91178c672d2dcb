// A retraining that nothing asks for, with a long log. Usage: npm run bench -- retrain [RUNS [PREDICTIONS [LABELS]]]
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { home, importLib, machine } from './measure.mjs';
import { bareCpu, bareNode, beyondNode, inTurns, mlloop, mlloopCpu, settle, withFolder } from './timing.mjs';

const ROUNDS = 15;

export async function bench([runs = 10_000, predictions = 1_000_000, labels = 100_000]) {
  const { module: log } = await importLib('fill-log.ts');
  const { module: live } = await importLib('fill-live.ts');
  await withFolder({}, async (folder) => {
    for (const name of ['pipeline.yaml', 'stages']) cpSync(join(home, name), join(folder, name), { recursive: true });
    const file = join(folder, 'runs.db');
    log.fillLog(file, Number(runs));
    live.fillLive(file, { predictions: Number(predictions), labels: Number(labels), newLabels: 900 });
    const args = ['retrain', '--if-needed'];
    await settle(() => {
      const { stdout } = mlloop(args, folder);
      if (stdout !== 'skipped: no rule fired\n') throw new Error(`it was to skip, and said: ${stdout}`);
    });
    const took = inTurns(
      { 'node -e 0': bareNode(folder), 'retrain --if-needed': () => mlloop(args, folder).ms },
      ROUNDS,
    );
    const cpu = inTurns({ 'node -e 0': bareCpu(folder), 'retrain --if-needed': mlloopCpu(args, folder) }, ROUNDS);
    console.log(
      `${runs} runs, ${predictions} predictions, ${labels} labels, medians of ${ROUNDS} rounds in turns, ${machine()}`,
    );
    console.log(beyondNode(took, cpu));
    console.log('target: at most 150 ms beyond a bare Node');
    console.log(
      JSON.stringify({ bench: 'retrain', runs, predictions, labels, rounds: ROUNDS, medianMs: took, cpuMs: cpu }),
    );
  });
}
