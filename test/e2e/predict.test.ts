import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Project, tinyProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

let project: Project;

/** A stroke and a ring in dark ink on white, in a size of its own: what a person's scanner gives. */
const drawing = (shapes: string): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="190" height="240">
<rect width="100%" height="100%" fill="white"/><g fill="none" stroke="black" stroke-width="18">${shapes}</g></svg>`);
const ZERO = drawing('<ellipse cx="95" cy="120" rx="45" ry="75"/>');
const ONE = drawing('<path d="M 95 40 L 95 200"/>');

type Answer = Readonly<Record<string, string>>;
const answers = (csv: string): Answer[] => parse(csv, { columns: true });

beforeAll(async () => {
  project = tinyProject();
  project.write('zero.png', await sharp(ZERO).png().toBuffer());
  project.write('one.jpg', await sharp(ONE).resize(64).jpeg().toBuffer());
  project.write('notes.txt', 'no picture');
});
afterAll(() => project.dispose());

test('without a champion there is nobody to ask', async () => {
  const { stderr, status } = await project.mlloop(['predict', 'zero.png']);
  expect({ stderr, status }).toEqual({
    status: 2,
    stderr: "No model of the line 'digits' is deployed yet.\nDeploy one with: npm run pipeline\n",
  });
});

describe('with a champion', () => {
  beforeAll(async () => {
    await project.mlloop(['run', '--profile', 'tiny']);
  });

  test('images of any size are answered, each under an id of its own', async () => {
    const run = await project.mlloop(['predict', 'zero.png', 'one.jpg', '--out', 'p.csv']);
    expect(run).toEqual({
      status: 0,
      stdout: '',
      stderr: 'digits-demo v1 answered 2 rows in p.csv. It learned from GENERATED DATA.\n',
    });
    const rows = answers(project.read('p.csv'));
    expect(rows.map(({ file, predicted }) => [file, predicted])).toEqual([
      ['zero.png', '0'],
      ['one.jpg', '1'],
    ]);
    expect(Object.keys(rows[0] ?? {}).slice(0, 7)).toEqual([
      'prediction_id',
      'file',
      'row',
      'predicted',
      'probability',
      'label',
      'p_0',
    ]);
    const sum = Array.from({ length: 10 }, (_, at) => Number(rows[0]?.[`p_${at}`])).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 4);
    const stored = project.rows<{ id: string }>('SELECT id FROM prediction WHERE simulated = 0 ORDER BY id');
    expect(stored.map(({ id }) => id)).toEqual(rows.map((row) => row['prediction_id']).sort());
  });

  test('a dataset folder is answered row by row', async () => {
    const { stdout } = await project.mlloop(['predict', 'artifacts/latest/preprocess/live']);
    const rows = answers(stdout);
    expect(rows.map(({ row }) => Number(row))).toEqual([...rows.keys()]);
    expect(rows.length).toBeGreaterThan(40);
  });

  test('the same picture again is the same prediction', async () => {
    const { stdout } = await project.mlloop(['predict', 'zero.png']);
    expect(answers(stdout)[0]?.['prediction_id']).toBe(answers(project.read('p.csv'))[0]?.['prediction_id']);
  });

  test.each([
    ['gone.png', 'gone.png cannot be asked about: there is no such file.'],
    ['notes.txt', 'notes.txt is not an image: Input buffer contains unsupported image format.'],
    ['stages', 'stages cannot be asked about: it is a folder, but not that of a dataset.'],
  ])('%s is refused', async (file, message) => {
    const before = project.rows('SELECT count(*) AS n FROM prediction');
    const { stderr, status, stdout } = await project.mlloop(['predict', 'one.jpg', file]);
    expect({ status, stdout, message: stderr.split('\n')[0]?.replace(`${project.root}/`, '') }).toEqual({
      status: 2,
      stdout: '',
      message,
    });
    expect(project.rows('SELECT count(*) AS n FROM prediction')).toEqual(before);
  });
});

describe('feedback from a file', () => {
  const importing = async (csv: string): Promise<{ status: number | null; stderr: string }> => {
    project.write('labels.csv', csv);
    const { status, stderr } = await project.mlloop(['feedback', 'import', 'labels.csv']);
    return { status, stderr };
  };
  const ids = (): string[] => answers(project.read('p.csv')).map((row) => row['prediction_id'] ?? '');
  const labels = (): unknown[] =>
    project.rows(
      'SELECT label FROM label JOIN prediction ON prediction.id = label.prediction WHERE simulated = 0 ORDER BY label.id',
    );

  test.each([
    ['an empty file', '', 'labels.csv is not a feedback file: it is empty.'],
    [
      'a missing column',
      'id,label\nx,3\n',
      "labels.csv is not a feedback file: it has no column 'prediction_id'; its columns are id, label.",
    ],
    [
      'an unknown id',
      'prediction_id,label\nnope,3\n',
      "1 of 1 rows cannot be imported:\n  labels.csv:2 there is no prediction 'nope'",
    ],
  ])('with %s imports nothing', async (_, csv, message) => {
    const { status, stderr } = await importing(csv);
    expect(status).toBe(2);
    expect(stderr.slice(0, message.length)).toBe(message);
    expect(labels()).toEqual([]);
  });

  test('with a label that is no class imports nothing, also not the good rows', async () => {
    const [zero, one] = ids();
    expect(await importing(`prediction_id,label\n${zero},0\n${one},eleven\n`)).toEqual({
      status: 2,
      stderr: `1 of 2 rows cannot be imported:
  labels.csv:3 label 'eleven' is no class; the classes are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
Nothing was imported. Mend the rows, or set them aside with --bad-rows quarantine, and import the file again.
`,
    });
    expect(labels()).toEqual([]);
  });

  test('is imported once, however often it comes; a correction counts', async () => {
    const [zero, one] = ids();
    const csv = `prediction_id,label\n${zero},0\n${one},7\n`;
    expect(
      (await importing(csv)).stderr,
    ).toBe(`Imported 2 new labels for digits-demo; 0 of 2 rows were known or have no label.
They count from the next run on: npm run pipeline
`);
    expect((await importing(csv)).stderr).toBe(
      'Imported 0 new labels for digits-demo; 2 of 2 rows were known or have no label.\n',
    );
    await importing(`prediction_id,label\n${one},1\n`);
    expect(labels()).toEqual([{ label: 0 }, { label: 7 }, { label: 1 }]);
  });

  test('says how well the answers were, as far as it goes', async () => {
    const told = JSON.parse((await project.mlloop(['feedback', 'accuracy', '--json'])).stdout) as {
      windows: { labels: number; correct: number; state: string }[];
      sources: { source: string; labels: number }[];
    };
    const counts = told.windows.reduce((sum, { labels: of }) => sum + of, 0);
    expect([counts, told.sources.map(({ source, labels: of }) => [source, of])]).toEqual([2, [['import', 2]]]);
    const { stdout } = await project.mlloop(['feedback', 'accuracy', '--coverage', '1']);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d 00:00:00 +digits-demo v1 +\d+ +\d+ +[\d.]+ % +\d\.\d{4} \(/m);
    expect(stdout).toContain('no audit: what people say is of what they noticed');
    expect((await project.mlloop(['feedback', 'accuracy', '--window', 'week'])).stderr).toBe(
      "'week' is no window.\nSay how long it is, as in --window 1d or --window 6h.\n",
    );
    const exported = await project.mlloop(['feedback', 'export', 'labels-out.csv']);
    expect(exported.stderr).toBe('3 rows of feedback are in labels-out.csv.\n');
    expect(answers(project.read('labels-out.csv')).map((row) => row['label'])).toEqual(['0', '7', '1']);
  });

  test('sets aside what cannot be right, where that is asked for', async () => {
    const [zero] = ids();
    project.write('mixed.csv', `prediction_id,label\n${zero},0\nnope,3\n`);
    const { status, stderr } = await project.mlloop(['feedback', 'import', 'mixed.csv', '--bad-rows', 'quarantine']);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `Imported 0 new labels for digits-demo; 1 of 2 rows were known or have no label.
1 row was set aside; npx mlloop feedback quarantine tells why.
`,
    });
    const list = await project.mlloop(['feedback', 'quarantine', '--clear']);
    expect(list.stdout.replace(/^[0-9a-f]{16}/m, '<file>')).toBe(
      'file,line,reason,text\n<file>,3,there is no prediction \'nope\',"nope,3"\n',
    );
    expect((await project.mlloop(['feedback', 'quarantine'])).stdout).toBe('file,line,reason,text\n');
    const { stderr: refused } = await project.mlloop(['feedback', 'import', 'mixed.csv', '--source', 'serve']);
    expect(refused).toContain("'serve' cannot be the source of labels in a file.");
  });

  test('ends the simulation, which is said, and is never counted with it', async () => {
    const run = await project.mlloop(['run', '--profile', 'tiny']);
    const text = told(run.stderr);
    expect(text).toContain('feedback  ran  <time>  drift changed, labels changed');
    expect(text).toContain('feedback  real labels have come, so no more are simulated');
    expect(text).toContain('feedback  accuracy <n> (<n> to <n>) on 2 labels, ');
    expect(text).not.toContain('SIMULATED');
    expect(project.rows("SELECT value FROM metric WHERE name = 'labels' AND split = 'live'")).toEqual([{ value: 2 }]);
  });
});
