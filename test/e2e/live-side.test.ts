import { cpSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { idxImages, idxLabels } from '../data/idx-files.ts';
import { copyOfProject, fiveStageProject } from '../rig/five-stages.ts';
import { createGate } from '../rig/gate.ts';
import { ended, type Project, tinyProject } from '../rig/project.ts';

/** Writes into the log from outside, as another program would. */
function write(project: Project, sql: string): void {
  const database = new Database(project.path('runs.db'));
  database.exec(sql);
  database.close();
}

/** What was done with each stage, and why. */
const lines = (stderr: string): Record<string, string> =>
  Object.fromEntries(
    [...stderr.matchAll(/^(\w+) +(ran|fresh|cached)(?: +[\d.]+ m?s)? +(.*)$/gm)].map(([, stage = '', did, why]) => [
      stage,
      `${did}: ${why}`,
    ]),
  );

describe('labels that are imported while a stage that reads them runs', () => {
  const LISTEN = (before: string, after: string): string => `import { readFileSync, writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
export default defineStage({
  params: { type: 'object' },
  reads: ['labels'],
  async run(ctx) {
    ${before}
    const { labelled } = await ctx.ask('labels', { line: 'toy' });
    ${after}
    writeFileSync(ctx.outs.seen, JSON.stringify(labelled.length));
  },
});
`;
  let project: Project;
  afterEach(() => project.dispose());

  test.each(['before', 'after'])('%s it asks: that is said, and it runs again', async (when) => {
    project = fiveStageProject();
    project.write(
      'pipeline.yaml',
      `${project.read('pipeline.yaml')}  listen:
    run: stages/listen.ts
    deps: { release: release.release }
    outs: { seen: json }
`,
    );
    project.write('stages/listen.ts', LISTEN('', ''));
    expect((await project.mlloop(['run', '--to', 'release'])).status).toBe(0);
    write(
      project,
      "INSERT INTO prediction (id, line, version, simulated, source, predicted, probabilities, at) VALUES ('p', 'toy', 1, 0, 'predict', 0, x'6666663fcdcccc3d', 1), ('q', 'toy', 1, 0, 'predict', 0, x'6666663fcdcccc3d', 1)",
    );
    const gate = createGate(project);
    project.write('stages/listen.ts', when === 'before' ? LISTEN(gate.code, '') : LISTEN('', gate.code));
    const running = ended(project.start(['run']));
    await gate.reached();
    project.write('labels.csv', 'prediction_id,label\np,yes\n');
    const imported = await project.mlloop(['feedback', 'import', 'labels.csv']);
    expect(imported.status, imported.stderr).toBe(0);
    await gate.open();
    expect((await running).stderr).toContain(
      'labels changed while it ran: what it made is used now, and made again the next time',
    );

    const again = ended(project.start(['run']));
    await gate.reached();
    await gate.open();
    expect(lines((await again).stderr)['listen']).toBe('ran: what it read changed while it ran the last time');
    expect(project.read('artifacts/latest/listen/seen.json')).toBe('1');
    expect(lines((await project.mlloop(['run'])).stderr)['listen']).toBe('fresh: nothing changed');
  });
});

describe('in the shipped pipeline', () => {
  const TINY = ['run', '--profile', 'tiny'];
  let made: Project;
  let project: Project;

  beforeAll(async () => {
    // Nearly anything is as good as the champion, so that there are several versions.
    made = tinyProject(['deploy.params.champion: { require: not worse, margin: 0.9 }']);
    expect((await made.mlloop([...TINY, '--set', 'train.params.epochs=3'])).status).toBe(0);
    const { status, stderr } = await made.mlloop([...TINY, '--set', 'optimize.params.grid={hidden: [[20], [24]]}']);
    expect(status, stderr).toBe(0);
    expect(made.rows('SELECT version FROM model_version ORDER BY version')).toEqual([{ version: 1 }, { version: 2 }]);
    expect((await made.mlloop(TINY)).status).toBe(0);
  });
  afterAll(() => made.dispose());
  afterEach(() => project.dispose());

  test('a rollback makes deploy run, which keeps it, and with it what counts by the champion', async () => {
    project = copyOfProject(made);
    const [before] = project.rows<{ version: number }>('SELECT version FROM alias');
    expect((await project.mlloop(['rollback', '--reason', 'it reads sevens as ones'])).status).toBe(0);
    const [back] = project.rows<{ version: number }>('SELECT version FROM alias');
    expect(back).not.toEqual(before);
    const { status, stderr } = await project.mlloop(TINY);
    expect(status, stderr).toBe(0);
    expect(lines(stderr)).toMatchObject({
      evaluate: 'fresh: nothing changed',
      deploy: 'ran: champion changed',
      feedback: 'ran: champion changed, drift changed, labels changed',
    });
    expect(stderr).toContain(`kept: v${before?.version} was rolled back by`);
    expect(project.rows('SELECT version FROM alias')).toEqual([back]);
    expect(lines((await project.mlloop(TINY)).stderr)).toMatchObject({
      deploy: 'fresh: nothing changed',
      feedback: 'fresh: nothing changed',
    });
  });

  test('new labels make feedback run, and nothing before it', async () => {
    project = copyOfProject(made);
    write(
      project,
      `INSERT INTO prediction (id, line, version, simulated, source, predicted, probabilities, at)
        SELECT 'mine', line, version, 0, 'predict', 1, x'', 1 FROM alias`,
    );
    project.write('labels.csv', 'prediction_id,label\nmine,1\n');
    expect((await project.mlloop(['feedback', 'import', 'labels.csv'])).status).toBe(0);
    const did = lines((await project.mlloop(TINY)).stderr);
    expect(did).toMatchObject({ collect: 'fresh: nothing changed', deploy: 'fresh: nothing changed' });
    expect(did['feedback']).toBe('ran: drift changed, labels changed');
  });

  test('files that come to where collect looks for MNIST make it run; the same rows stop it there', async () => {
    project = copyOfProject(made);
    for (const half of ['train', 't10k']) {
      project.write(`data/mnist/${half}-images-idx3-ubyte`, idxImages(2));
      project.write(`data/mnist/${half}-labels-idx1-ubyte`, idxLabels([0, 1]));
    }
    const came = lines((await project.mlloop(TINY)).stderr);
    expect(came).toMatchObject({ collect: 'ran: mnist changed', preprocess: 'fresh: nothing changed' });
    const elsewhere = project.path('elsewhere');
    cpSync(project.path('data'), elsewhere, { recursive: true });
    const moved = lines((await project.mlloop(TINY, { MLLOOP_DATA: elsewhere })).stderr);
    expect(moved['collect']).toBe('fresh: nothing changed');
  });
});
