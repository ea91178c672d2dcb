import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Execution, type Project, tinyProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

/** Generated digits, dark on light where that is asked for. */
const COLLECT = `import { saveDataset, selectRows, writeDataset } from 'mlloop/data/dataset';
import { generateDigits } from 'mlloop/data/synthetic-digits/generate';
import { orRaise } from 'mlloop/domain/raised';
import { defineStage } from 'mlloop/stage/define-stage';
import { Type } from 'typebox';

export default defineStage({
  params: Type.Object({ inverted: Type.Optional(Type.Boolean()) }, { additionalProperties: true }),
  async run(ctx) {
    const digits = orRaise(generateDigits({ train: 800, test: 200 }, ctx.seed));
    const { labels: label, split, meta } = digits;
    const data = digits.feature('pixels').map((value) => (ctx.params.inverted ? 255 - value : value));
    const columns = { label, split, pixels: { data, shape: digits.featureShape('pixels') } };
    orRaise(writeDataset(ctx.outs['raw'], { columns, classes: meta.classes, generated: true }));
    saveDataset(ctx.outs['holdout'], selectRows(digits, new Int32Array()));
    ctx.record({ kind: 'used', what: 'dataset', value: { source: 'own', rows: 1000, train: 800, test: 200, generated: true, note: '' } });
  },
});
`;

/** Splits rows as they are, and puts some of the test set among the training rows. */
const LEAKING = `import { writeFileSync } from 'node:fs';
import { joinDatasets, openDataset, saveDataset, selectRows } from 'mlloop/data/dataset';
import { rowsWhere } from 'mlloop/data/row-ids';
import { orRaise } from 'mlloop/domain/raised';
import { defineStage } from 'mlloop/stage/define-stage';
import { Type } from 'typebox';

export default defineStage({
  params: Type.Object({}, { additionalProperties: true }),
  async run(ctx) {
    const raw = orRaise(openDataset(ctx.deps['raw']));
    const pick = (holds) => selectRows(raw, rowsWhere(raw.rows, holds));
    const test = pick((row) => raw.split[row] === 1);
    saveDataset(ctx.outs['train'], pick((row) => raw.split[row] === 0 || raw.ids[row] % 20 === 0));
    saveDataset(ctx.outs['test'], test);
    saveDataset(ctx.outs['live'], test);
    writeFileSync(ctx.outs['profile'], JSON.stringify({ version: 2, collected: raw.rows, leaked: 0, limits: {},
      cleaning: { blank: 0, badLabel: 0, duplicateInTrain: 0, duplicateInTest: 0, trainAlsoInTest: 0, conflicting: 0 },
      statistics: { train: { rows: 0, classes: [], perClass: [], features: {} }, test: { rows: 0, classes: [], perClass: [], features: {} } } }));
  },
});
`;

const RUN = ['run', '--profile', 'tiny'];
const lines = ({ stderr }: Execution): string[] => told(stderr).split('\n');

describe('data unlike those the champion learned from', () => {
  let project: Project;
  let refused: Execution;
  const INVERTED = [...RUN, '--set', 'collect.params.inverted=true'];

  beforeAll(async () => {
    project = tinyProject();
    project.write('stages/collect.ts', COLLECT);
    expect((await project.mlloop(RUN)).status).toBe(0);
    refused = await project.mlloop(INVERTED);
  });
  afterAll(() => project.dispose());

  test('end the run before anything is trained on them', () => {
    expect(refused.status).toBe(3);
    const said = lines(refused);
    expect(said.some((line) => /^preprocess {2}refused/.test(line))).toBe(true);
    expect(said).toContain('train  blocked  waits for preprocess');
    expect(said.filter((line) => line.startsWith('    data') && line.endsWith('refused'))).toEqual([
      '    data  values, pixels  <n>  at most <n>  on 726 rows  refused',
      '    data  layout, pixels  <n>  at most <n>  on 726 rows  refused',
    ]);
    expect(said).toContain('gates  refused: the champion stays');
    expect(said).toContain('champion  digits-demo v1, as before');
  });

  test('are refused again, and leave the last good ones in place', async () => {
    expect((await project.mlloop(INVERTED)).status).toBe(3);
    const back = await project.mlloop(RUN);
    expect(back.status).toBe(0);
    expect(lines(back)).toContain('preprocess  fresh  nothing changed');
  });

  test('go on where a person says why, are judged again before the model goes live, and are the reference from then on', async () => {
    const forced = await project.mlloop([...INVERTED, '--override', 'the scanner was turned round']);
    expect(forced.status).toBe(0);
    expect(lines(forced)).toContain(
      'preprocess  warning: The data gate refuses these rows (values, layout); overridden: the scanner was turned round',
    );
    expect(lines(forced)).toContain('gates  overridden: the scanner was turned round');
    expect(lines(forced)).toContain('champion  digits-demo v2, deployed by this run');
    expect(project.rows("SELECT DISTINCT stage, verdict FROM v_gates WHERE run = 5 AND name = 'values'")).toEqual([
      { stage: 'deploy', verdict: 'refused' },
      { stage: 'preprocess', verdict: 'refused' },
    ]);
    const later = await project.mlloop(INVERTED);
    expect(later.status).toBe(0);
    expect(lines(later).filter((line) => line.includes('  ran  '))).toEqual([]);
  });

  test('that come back from the store are held against the champion of now', async () => {
    const back = await project.mlloop(RUN);
    expect(back.status).toBe(3);
    expect(lines(back).some((line) => line.startsWith('preprocess  cached'))).toBe(true);
    expect(lines(back).some((line) => line.startsWith('deploy  refused'))).toBe(true);
    expect(lines(back)).toContain('champion  digits-demo v2, as before');
  });
});

test('test rows among the training rows are refused, also where another stage prepared them', async () => {
  const project = tinyProject();
  project.write('stages/preprocess.ts', LEAKING);
  const leaking = await project.mlloop(RUN);
  expect(leaking.status).toBe(3);
  expect(told(leaking.stderr)).toMatch(/\n {4}data {2}leakage {2}10 {2}at most 0 {2}.*refused\n/);
  expect(project.rows('SELECT 1 FROM model_version')).toEqual([]);
  project.dispose();
});
