import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Project } from '../rig/project.ts';
import { moduleStage, type ToyStage, toyProject } from '../rig/toy.ts';

let project: Project;

const MAKE = moduleStage(
  `const rows = await ctx.ask('acceptedFeedback', { line: 'toy' });
    const card = { format: 'mlloop-model', version: 1, classes: ['no', 'yes'] };
    fs.writeFileSync(ctx.outs.model + '/mlloop.json', JSON.stringify(card));
    fs.writeFileSync(ctx.outs.model + '/model.json', '{}');
    fs.writeFileSync(ctx.outs.model + '/weights.bin', fs.readFileSync(ctx.deps.notes) + JSON.stringify(rows.map((row) => row.labelId)));`,
  "params: Type.Object({}), reads: ['acceptedFeedback'],",
);
const SHIP = moduleStage(
  `ctx.effect({ kind: 'deploy', line: 'toy', dep: 'model', metrics: {}, reason: 'made' });
    fs.writeFileSync(ctx.outs.release, '{}');`,
  "params: Type.Object({}), reads: ['champion'], effects: true,",
);
const ACCEPT = moduleStage(
  `await ctx.ask('labels', { line: 'toy' });
    ctx.effect({ kind: 'accept', line: 'toy', simulated: false });
    fs.writeFileSync(ctx.outs.done, '{}');`,
  "params: Type.Object({}), reads: ['labels'], effects: true,",
);

const STAGES: Readonly<Record<string, ToyStage>> = {
  make: { yaml: ['deps: { notes: ./notes.txt }', 'outs: { model: model }'], source: MAKE },
  ship: { yaml: ['deps: { model: make.model }', 'outs: { release: json }'], source: SHIP },
  accept: { yaml: ['deps: { release: ship.release }', 'outs: { done: json }'], source: ACCEPT },
};

async function label(lines: readonly string[]): Promise<void> {
  project.write('labels.csv', `prediction_id,label\n${lines.join('\n')}\n`);
  expect((await project.mlloop(['feedback', 'import', 'labels.csv'])).status).toBe(0);
}

async function run(): Promise<void> {
  const { status, stderr } = await project.mlloop(['run']);
  expect(status, stderr).toBe(0);
}

const learners = async (what: string): Promise<number[]> => {
  const { stdout } = await project.mlloop(['models', '--learned-from', what, '--json']);
  return (JSON.parse(stdout) as { version: number }[]).map(({ version }) => version);
};

/**
 * v1 knows no label; p and q are accepted for v2, and of a third the input is gone; a correction of p, and r, come too late for
 * it, and are in v3.
 */
beforeAll(async () => {
  project = toyProject(STAGES);
  project.write('notes.txt', 'one');
  await run();
  const database = project.open();
  for (const id of ['p', 'q', 'r', 'unseen']) {
    database.exec(`INSERT INTO prediction (id, line, version, simulated, source, predicted, probabilities, at)
      VALUES ('${id}', 'toy', 1, 0, 'predict', 0, x'6666663fcdcccc3d', 1)`);
  }
  database.exec("INSERT INTO prediction_input SELECT number, x'01' FROM prediction WHERE id <> 'unseen'");
  database.close();
  await label(['p,yes', 'q,no', 'unseen,no']);
  await run();
  await label(['p,no', 'r,yes']);
  await run();
  project.write('notes.txt', 'two');
  await run();
});
afterAll(() => project.dispose());

describe('a version’s lineage', () => {
  test('holds the labels that had been accepted when it was made, each as it was then', () => {
    expect(
      project.rows("SELECT version, name, label FROM v_model_lineage WHERE what = 'label' ORDER BY version, label"),
    ).toEqual([
      { version: 2, name: 'p', label: 1 },
      { version: 2, name: 'q', label: 2 },
      { version: 3, name: 'q', label: 2 },
      { version: 3, name: 'p', label: 4 },
      { version: 3, name: 'r', label: 5 },
    ]);
  });

  test('leads to the data and code of the runs that made it, and to nothing later', () => {
    const rows = project.rows<{ version: number; what: string; run: number; hash: string }>(
      "SELECT version, what, run, hash FROM v_model_lineage WHERE what IN ('path', 'model') ORDER BY version, what",
    );
    expect(rows.map(({ version, what, run: of }) => [version, what, of])).toEqual([
      [1, 'model', 1],
      [1, 'path', 1],
      [2, 'model', 3],
      [2, 'path', 3],
      [3, 'model', 4],
      [3, 'path', 4],
    ]);
    const registered = project.rows<{ hash: string }>('SELECT hash FROM model_version ORDER BY version');
    expect(rows.filter(({ what }) => what === 'model').map(({ hash }) => ({ hash }))).toEqual(registered);
  });

  test('leads back from a label, a file and a stage’s code to the versions', async () => {
    expect([await learners('p'), await learners('r'), await learners('unseen')]).toEqual([[2, 3], [3], []]);
    const hashes = project.rows<{ hash: string }>(
      "SELECT hash FROM v_model_lineage WHERE what = 'path' GROUP BY hash ORDER BY min(version)",
    );
    expect(await Promise.all(hashes.map(({ hash }) => learners(hash)))).toEqual([[1, 2], [3]]);
    const [code] = project.rows<{ hash: string }>("SELECT hash FROM v_model_lineage WHERE what = 'code'");
    expect(await learners(code?.hash ?? '')).toEqual([1, 2, 3]);
  });

  test('is shown with a version', async () => {
    const { stdout } = await project.mlloop(['models', 'v3']);
    expect(stdout).toContain('and 3 labels of feedback (--json lists their ids and predictions)');
  });

  test('of an older log, which does not say who made a dep, is found by its bytes', () => {
    const before = project.rows('SELECT * FROM v_model_lineage ORDER BY version, what, run, name');
    const database = project.open();
    database.exec('UPDATE attempt_artifact SET maker = NULL');
    database.close();
    expect(project.rows('SELECT * FROM v_model_lineage ORDER BY version, what, run, name')).toEqual(before);
  });
});
