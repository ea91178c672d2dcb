import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { type Execution, type Project, tinyProject } from '../rig/project.ts';
import { shippingProject, toyStage, twoStageProject } from '../rig/small-projects.ts';
import { told } from '../rig/told.ts';

let project: Project;
afterEach(() => project.dispose());

const verdicts = ({ stderr }: Execution): string[] =>
  [...told(stderr).matchAll(/^(\w+) {2}(ran|fresh|cached|failed|blocked) /gm)].map(
    ([, stage, word]) => `${stage} ${word}`,
  );

const there = (...args: string[]): Promise<Execution> => project.mlloop([...args, '--root', 'there']);

/** Everything that lies beside the project's own files. */
const beside = (): string[] => readdirSync(project.root).filter((name) => name.startsWith('.') || name === 'there');

/** Two runs; after the first everything it was made of is changed. */
async function changedSince(): Promise<void> {
  project = shippingProject();
  await project.mlloop(['run', '--profile', 'loud']);
  project.write('stages/make.ts', project.read('stages/make.ts').replace('JSON.stringify(', 'JSON.stringify(1 + '));
  project.write('pipeline.yaml', project.read('pipeline.yaml').replace('word: hello', 'word: bye'));
  await project.mlloop(['run']);
  expect(project.read('artifacts/models/toy/champion/model.json')).toBe('"1bye"');
}

describe('a run that is laid out', () => {
  test('has its settings, code, data and model, and is fresh where it lies', async () => {
    await changedSince();
    const laidOut = await project.mlloop(['restore', '1', '--into', 'there']);
    expect(laidOut).toEqual({
      status: 0,
      stderr: '',
      stdout: `Run 1 of toy is laid out in there: pipeline.yaml, 2 stages, 4 objects, data/notes.txt, toy v1.
Run it there with: npm run pipeline -- --root there
`,
    });
    expect(beside()).toEqual(['there']);
    const yaml = project.read('there/pipeline.yaml');
    expect(yaml).toContain('    params: { word: HELLO } # what is said\n');
    expect(yaml).toContain('so that none is needed: --profile loud\n');
    expect(project.read('there/artifacts/models/toy/champion/model.json')).toBe('"HELLO"');
    expect(project.read('there/artifacts/latest/make/model/weights.bin')).toBe('a note');

    const run = await there('run');
    expect(run.status).toBe(0);
    expect(verdicts(run)).toEqual(['make fresh', 'ship fresh']);
    expect((await there('doctor', '--json')).status).toBe(0);
    // It runs there: with its own code, on its own data.
    const stage = await there('stage', 'make');
    expect(verdicts(stage)).toEqual(['make ran']);
    expect((await there('verify', 'make')).status).toBe(0);
    const changed = await there('run', '--set', 'make.params.word=other');
    expect(verdicts(changed)).toEqual(['make ran', 'ship ran']);
    expect(project.read('there/artifacts/models/toy/champion/model.json')).toBe('"other"');
    // The project it came from is as it was.
    expect(verdicts(await project.mlloop(['run']))).toEqual(['make fresh', 'ship fresh']);
  });

  test('can be edited: a bundle that was changed is ordinary code', async () => {
    await changedSince();
    await project.mlloop(['restore', '1', '--into', 'there']);
    const code = project.read('there/stages/make.ts');
    project.write('there/stages/make.ts', code.replace('JSON.stringify(', 'JSON.stringify(2 + '));
    expect(verdicts(await there('run'))).toEqual(['make ran', 'ship ran']);
    expect(project.read('there/artifacts/models/toy/champion/model.json')).toBe('"2HELLO"');
  });

  test('is found by the version it made', async () => {
    await changedSince();
    expect((await project.mlloop(['restore', 'v2', '--into', 'there'])).stdout).toContain('Run 2 of toy is laid out');
    expect(project.read('there/artifacts/models/toy/champion/model.json')).toBe('"1bye"');
    expect(verdicts(await there('run'))).toEqual(['make fresh', 'ship fresh']);
  });

  test('that looked at one stage alone has what stood for the others, too', async () => {
    project = twoStageProject();
    await project.mlloop(['run']);
    await project.mlloop(['run', '--only', 'second']);
    await project.mlloop(['run', '--set', 'first.params.word=bye']);
    await project.mlloop(['restore', '2', '--into', 'there']);
    expect(verdicts(await there('run'))).toEqual(['first fresh', 'second fresh']);
    expect(project.read('there/artifacts/latest/second/copies/a.txt')).toBe('hello world');
  });

  test('that failed fails there again, with the code it failed with', async () => {
    project = twoStageProject({ 'stages/second.ts': toyStage("throw new Error('no luck');") });
    await project.mlloop(['run']);
    project.write('stages/second.ts', toyStage('writeFileSync(`${ctx.outs.copies}/a`, ``);'));
    await project.mlloop(['run']);
    await project.mlloop(['restore', '1', '--into', 'there']);
    const run = await there('run');
    expect(verdicts(run)).toEqual(['first fresh', 'second failed']);
    expect(run.stderr).toContain('It threw: no luck');
  });
});

test('a path that changed since is told, and what needs it runs again there', async () => {
  await changedSince();
  project.write('data/notes.txt', 'other');
  const { stdout, status } = await project.mlloop(['restore', '1', '--into', 'there']);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /note: make read \.\/data\/notes\.txt \([0-9a-f]{12}\), which has changed or is gone since: it is not laid out/,
  );
  expect(project.read('there/pipeline.yaml')).toMatch(/^# Note: make read \.\/data\/notes\.txt/m);
  project.write('there/data/notes.txt', 'a note');
  expect(verdicts(await there('run'))).toEqual(['make fresh', 'ship fresh']);
});

describe('nothing is laid out', () => {
  test('where an object is missing, which is named', async () => {
    await changedSince();
    const [row] = project.rows<{ hash: string }>(
      "SELECT hash FROM attempt_artifact WHERE attempt = 1 AND name = 'model'",
    );
    const { hash } = row ?? { hash: '' };
    rmSync(project.path('artifacts/objects', hash.slice(0, 2), hash), { recursive: true });
    const { status, stderr } = await project.mlloop(['restore', '1', '--into', 'there']);
    expect(status).toBe(2);
    expect(stderr).toBe(`Run 1 cannot be laid out, because this is missing:
  make.model, object ${hash.slice(0, 12)}: missing
Nothing was laid out. gc frees what is not kept; put artifacts/objects back from a copy, or keep more runs with keep: { runs: N } in pipeline.yaml from now on.
`);
    expect(beside()).toEqual([]);
  });

  test('over something that is there, of a run that is not, or of a version of several lines', async () => {
    project = shippingProject();
    project.write('there/mine.txt', '');
    const restore = async (...args: string[]): Promise<string> => {
      const { status, stderr } = await project.mlloop([
        'restore',
        ...args,
        '--into',
        args.length > 1 ? 'there/x' : 'there',
      ]);
      expect(status).toBe(2);
      return stderr;
    };
    expect(await restore('1')).toBe(`there is there already and is not an empty folder.
Name a folder that does not exist yet with --into DIR.
`);
    rmSync(project.path('there'), { recursive: true });
    expect(await restore('1')).toContain('There is no run 1 in the log.');
    await project.mlloop(['run']);
    expect(await restore('7')).toContain('(the last is 1)');
    expect(await restore('seven')).toContain('There is no run seven in the log.');
    expect(await restore('v9')).toBe('No model version v9 is registered.\nRegistered: toy v1.\n');
    project.write('stages/ship.ts', project.read('stages/ship.ts').replaceAll("line: 'toy'", "line: 'demo'"));
    await project.mlloop(['run']);
    expect(await restore('v1')).toBe('Several lines have a version v1: demo, toy.\nName one, as in --line demo.\n');
    expect((await project.mlloop(['restore', 'v1', '--line', 'demo', '--into', 'there'])).stdout).toContain(
      'Run 2 of toy',
    );
    expect(readFileSync(project.path('there/artifacts/models/demo/champion/model.json'), 'utf8')).toBe('"hello"');
    expect(existsSync(project.path('there/artifacts/models/toy/champion/model.json'))).toBe(true);
  });
});

test('the whole loop is fresh where it was laid out', { timeout: 180_000 }, async () => {
  project = tinyProject();
  await project.mlloop(['run', '--profile', 'tiny', '--set', 'train.params.epochs=3']);
  await project.mlloop(['run', '--profile', 'tiny']);
  await project.mlloop(['restore', '1', '--into', 'there']);
  const run = await there('run');
  expect(verdicts(run)).toEqual(
    ['collect', 'preprocess', 'train', 'optimize', 'evaluate', 'deploy', 'feedback', 'iterate'].map(
      (stage) => `${stage} fresh`,
    ),
  );
  expect(project.read('there/pipeline.yaml')).toContain('epochs: 3');
});
