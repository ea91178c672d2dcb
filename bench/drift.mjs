// A window of ten thousand answers of the champion, compared with its reference by the stage that takes in feedback.
// Usage: npm run bench -- drift [ROWS]
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { home, machine, median, table } from './measure.mjs';
import { mlloop, ms, withFolder } from './timing.mjs';

const ROUNDS = 7;

export async function bench([count]) {
  const rows = Number(count ?? 10_000);
  const settingsOf = (features) => [
    ...['--profile', 'quick'],
    ...['--set', `collect.params.synthetic={ train: 4000, test: ${rows} }`],
    ...['--set', `feedback.params={ drift: { rows: ${rows}, features: ${features} } }`],
  ];
  await withFolder({}, async (folder) => {
    for (const name of ['pipeline.yaml', 'stages']) cpSync(join(home, name), join(folder, name), { recursive: true });
    mlloop(['run', ...settingsOf(false)], folder);
    mlloop(['predict', 'artifacts/latest/preprocess/test', '--out', 'answers.csv'], folder);
    const log = new Database(join(folder, 'runs.db'));
    const stage = (features = false) => {
      const told = mlloop(['stage', 'feedback', ...settingsOf(features)], folder);
      const { took } = log
        .prepare("SELECT duration_ms AS took FROM attempt WHERE stage = 'feedback' ORDER BY id DESC LIMIT 1")
        .get();
      return { command: told.ms, took };
    };
    const judge = (features) => {
      log.exec('DELETE FROM drift_test; DELETE FROM drift_window');
      const took = stage(features);
      const judged = log.prepare('SELECT verdict, sample_rows AS rows FROM drift_window').all();
      if (judged.length !== 1 || judged[0].rows !== rows) throw new Error(JSON.stringify(judged));
      return took;
    };
    const took = { window: [], features: [], nothing: [] };
    for (let round = 0; round < ROUNDS; round++) {
      took.window.push(judge(false));
      took.features.push(judge(true));
      took.nothing.push(stage());
    }
    log.close();
    const of = (name, what) => median(took[name].map((one) => one[what]));
    console.log(`a window of ${rows} answers, medians of ${ROUNDS} rounds in turns, ${machine()}`);
    const lines = [
      ['the window', 'window'],
      ['the window, and each of 784 features', 'features'],
      ['nothing to judge', 'nothing'],
    ].map(([name, key]) => [name, ms(of(key, 'took')), ms(of(key, 'command'))]);
    console.log(table([['what', 'the stage', 'the whole command'], ...lines]));
    console.log('target: less than 2 s');
    console.log(
      JSON.stringify({
        bench: 'drift',
        rows,
        rounds: ROUNDS,
        stageMs: Object.fromEntries(Object.keys(took).map((key) => [key, of(key, 'took')])),
        commandMs: Object.fromEntries(Object.keys(took).map((key) => [key, of(key, 'command')])),
      }),
    );
  });
}
