import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Project, tinyProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

/** Whoever is not far worse is promoted, so that a version learns from the feedback. */
const RUN = [
  ...['run', '--profile', 'tiny'],
  ...['--set', 'iterate.params.rules.newLabels=2'],
  ...['--set', "deploy.params.champion={require: 'not worse', margin: 0.5}"],
];

let project: Project;
let zero = '';
let one = '';

const drawing = (shape: string): Promise<Buffer> =>
  sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><rect width="100%" height="100%" fill="white"/>
<g fill="none" stroke="black" stroke-width="9">${shape}</g></svg>`),
  )
    .png()
    .toBuffer();

const predict = async (...files: string[]): Promise<{ ids: string[]; stderr: string }> => {
  const { stdout, stderr } = await project.mlloop(['predict', ...files]);
  const rows: Readonly<Record<string, string>>[] = parse(stdout, { columns: true });
  return { ids: rows.map((row) => row['prediction_id'] ?? ''), stderr };
};

const importing = (...rows: string[]) => {
  project.write('labels.csv', ['prediction_id,label', ...rows, ''].join('\n'));
  return project.mlloop(['feedback', 'import', 'labels.csv']);
};

const feedbackRows = (): unknown =>
  project.rows<{ value: number }>(
    "SELECT value FROM v_metrics WHERE name = 'feedbackRows' ORDER BY run DESC LIMIT 1",
  )[0]?.value;

beforeAll(async () => {
  project = tinyProject();
  project.write('zero.png', await drawing('<ellipse cx="50" cy="50" rx="20" ry="33"/>'));
  project.write('one.png', await drawing('<path d="M 50 15 L 50 85"/>'));
  project.write('slash.png', await drawing('<path d="M 65 15 L 40 85"/>'));
  await project.mlloop(['run', '--profile', 'tiny']);
  [zero = '', one = ''] = (await predict('zero.png', 'one.png')).ids;
  await importing(`${zero},0`, `${one},1`);
  const { status, stderr } = await project.mlloop(RUN);
  expect(status, stderr).toBe(0);
  // Two labels prove nothing, so a person has to say that the follow-up run's model goes live.
  await project.mlloop(['stage', 'deploy', '--profile', 'tiny', '--override', 'it learned from both']);
  expect(project.rows('SELECT version FROM alias')).toEqual([{ version: 2 }]);
});
afterAll(() => project.dispose());

test('an id nobody was given is refused, and nothing is forgotten', async () => {
  const [simulated] = project.rows<{ id: string }>('SELECT id FROM prediction WHERE simulated = 1 LIMIT 1');
  expect(await project.mlloop(['forget', zero, 'nobody', simulated?.id ?? ''])).toEqual({
    status: 2,
    stdout: '',
    stderr: `There is no prediction 'nobody'.
Prediction '${simulated?.id}' is a simulated one: its row came from the dataset, and is still there.
Nothing was forgotten. Leave these ids out, and name the others again.
`,
  });
  expect(project.rows('SELECT count(*) AS n FROM forgotten')).toEqual([{ n: 0 }]);
});

test('what was forgotten leaves no bytes in the log, and the next run learns without it', async () => {
  expect(feedbackRows()).toBe(2);
  const [row] = project.rows<{ input: Buffer; probabilities: Buffer }>(
    `SELECT input, probabilities FROM prediction JOIN prediction_input ON prediction = number WHERE id = '${zero}'`,
  );
  const bytesOf = (file: string): Buffer =>
    existsSync(project.path(file)) ? readFileSync(project.path(file)) : Buffer.of();
  const ink = row?.input.subarray(300, 400) ?? Buffer.of();
  const held = (): boolean[] =>
    [ink, row?.probabilities ?? Buffer.of()].map((what) =>
      ['runs.db', 'runs.db-wal'].some((file) => bytesOf(file).includes(what)),
    );
  expect(held()).toEqual([true, true]);

  const { status, stderr } = await project.mlloop(['forget', zero]);
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: `Forgot 1 prediction: 1 input, 1 answer and 1 label are gone from runs.db.
${zero} was accepted for training by run 2: datasets of later runs hold it, and digits-demo v2 learned from it.
The next run collects without it; gc frees the old datasets as their runs go.
`,
  });
  expect(held()).toEqual([false, false]);

  const run = await project.mlloop(RUN);
  expect(run.status, run.stderr).toBe(0);
  expect(told(run.stderr)).toContain('collect  ran  <time>  acceptedFeedback changed');
  expect(feedbackRows()).toBe(1);
});

test('it is known as forgotten: twice is once, late labels are not kept, and asking again does not bring it back', async () => {
  expect((await project.mlloop(['forget', zero])).stderr).toBe(`${zero} was forgotten before.\n`);
  expect((await importing(`${zero},3`)).stderr).toBe(
    `Imported 0 new labels; 0 of 1 rows were known or have no label.
1 names a prediction that was forgotten; not kept.
`,
  );
  const { ids } = await predict('one.png');
  await project.mlloop(['forget', ...ids]);
  const again = await predict('one.png');
  expect(again.ids).toEqual(ids);
  expect(again.stderr).toContain('1 of them was forgotten once, and not put on record again.\n');
  expect(project.rows(`SELECT count(*) AS n FROM prediction WHERE id = '${ids[0]}'`)).toEqual([{ n: 0 }]);
});

test('an input that nobody labelled in time is garbage; a late label counts, teaches nothing, and that is said', async () => {
  const { ids } = await predict('slash.png');
  const log = project.open();
  log.exec(`UPDATE prediction SET at = at - 31 * 86400000 WHERE id = '${ids[0]}'`);
  log.close();
  expect(told((await project.mlloop(['gc', '--dry-run'])).stdout)).toContain(
    '1  inputs of predictions that nobody has labelled  <size>',
  );
  const { stdout } = await project.mlloop(['gc', '--json']);
  expect(JSON.parse(stdout).kinds).toContainEqual({ kind: 'inputs', count: 1, bytes: 784 });
  expect((await project.mlloop(['gc'])).stdout).not.toContain('inputs of predictions');
  await importing(`${ids[0]},1`);
  const { stderr } = await project.mlloop(['run', '--profile', 'tiny']);
  expect(told(stderr)).toContain(
    'feedback  1 labelled prediction has no input on record: counted, but nothing can be learned from it (log.inputs in pipeline.yaml)',
  );
});

test('with log.inputs none no input is kept, and those that wait are garbage at once', async () => {
  await predict('slash.png', 'zero.png');
  project.write('pipeline.yaml', `${project.read('pipeline.yaml')}log: { inputs: none }\n`);
  project.write('slash.png', await drawing('<path d="M 66 15 L 42 80"/>'));
  const { ids } = await predict('slash.png');
  expect(
    project.rows(`SELECT input IS NULL AS bare FROM prediction LEFT JOIN prediction_input ON prediction = number
      WHERE id = '${ids[0]}'`),
  ).toEqual([{ bare: 1 }]);
  expect(told((await project.mlloop(['gc'])).stdout)).toContain(
    '1  inputs of predictions that nobody has labelled  <size>',
  );
});

test('an id whose hour has gone by log.keep is said to be one that may have gone by itself', async () => {
  const database = project.open();
  database
    .prepare("INSERT INTO past_prediction SELECT line, version, 495000, 3 FROM alias WHERE alias = 'champion'")
    .run();
  database.close();
  const id = `${(495_000 * 3_600_000)
    .toString(16)
    .padStart(12, '0')
    .replace(/^(.{8})/, '$1-')}-7abc-8def-0123456789ab`;
  expect(await project.mlloop(['forget', id])).toEqual({
    status: 2,
    stdout: '',
    stderr: `There is no prediction '${id}'. If there was, it has gone by itself, input and all: answers of that hour which nobody labelled have waited longer than log.keep.
Nothing was forgotten. Leave these ids out, and name the others again.
`,
  });
});
