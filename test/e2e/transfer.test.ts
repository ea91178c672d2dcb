import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checksumsText } from '../../lib/registry/checksums.ts';
import { sha256 } from '../../lib/util/hash.ts';
import { copyOfProject } from '../rig/five-stages.ts';
import { createProject, ended, HOME, type Project, saying, tinyProject } from '../rig/project.ts';
import { told } from '../rig/told.ts';

/** A project with one version of generated digits, exported into `out`. */
let made: Project;
/** A copy of it, or another project, to do something with. */
let project: Project;

beforeAll(async () => {
  made = tinyProject(['collect.params.licence: "MIT, by the test"']);
  expect((await made.mlloop(['run', '--profile', 'tiny'])).status).toBe(0);
  const { status, stdout } = await made.mlloop(['models', 'export', 'champion', 'out']);
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout:
      'digits-demo v1 is in out: README.md, drift-reference.json, golden.json, history.json, mlloop.json, model.json, model.onnx, transform.json, version.json, weights.bin, SHA256SUMS.\n',
  });
});
afterAll(() => made.dispose());
afterEach(() => project?.dispose());

/** Another project of the same stages, in which nothing was ever run; the export lies beside them. */
function elsewhere(): Project {
  const other = createProject({ 'pipeline.yaml': made.read('pipeline.yaml') });
  cpSync(made.path('out'), other.path('out'), { recursive: true });
  return other;
}

const said = (text: string): string =>
  text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<uid>').replace(/^[\d-]+ [\d:]+/gm, '<when>');

describe('an exported version', () => {
  test('is checked by a plain sha256sum, and is the same bytes every time', async () => {
    project = copyOfProject(made);
    const { status, stderr } = spawnSync('sha256sum', ['-c', '--strict', 'SHA256SUMS'], { cwd: project.path('out') });
    expect(status, String(stderr)).toBe(0);
    await project.mlloop(['models', 'export', 'v1', 'again']);
    expect(readdirSync(project.path('again'))).toEqual(readdirSync(project.path('out')));
    for (const name of readdirSync(project.path('out'))) {
      expect(project.read(`again/${name}`), name).toBe(project.read(`out/${name}`));
    }
    expect(JSON.parse(project.read('out/transform.json'))).toEqual({ kind: 'affine', scale: [1 / 255], offset: [0] });
  });

  test('tells on its card what it is, of what it is made, how good it is, and what it cannot', () => {
    const card = told(made.read('out/README.md'));
    const titles = [...card.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      'digits-demo v1',
      'What it is',
      'What it learned from',
      'How good it is',
      'Limits',
      'How to ask it',
      'TensorFlow.js',
      'ONNX Runtime',
      'HTTP',
      'Files',
    ]);
    expect(card).toContain('**GENERATED DATA: a program made the rows it learned from;');
    expect(card).toContain('| synthetic-digits | 1000 | MIT, by the test | train 800, test 200, seed ');
    expect(card).toContain('Measured on 200 rows of the test set, none of which it learned from.');
    expect(card.match(/^\| \d \| [\d.<n>]+ \| [\d.<n>]+ \| [\d.<n>]+ \| 20 \|$/gm)).toHaveLength(10);
    expect(card).toMatch(
      /^- It does worst on the class \d: it finds \d+ of 20, and takes the others most often for \d\.$/m,
    );
    const dataset = JSON.parse(made.read('artifacts/latest/preprocess/train/dataset.json')) as { rows: number };
    expect(card).toContain(`It learned from ${dataset.rows} rows.`);
  });

  describe('answers as its card shows', () => {
    const PIXELS = 'const row = Uint8Array.from({ length: 784 }, (_, at) => (at * 7) % 256);';
    let expected: readonly number[];

    /** The code block under a heading of the card. */
    function snippet(heading: string): string {
      const section = made.read('out/README.md').split(`### ${heading}\n`)[1] ?? '';
      return /```js\n([\s\S]*?)```/.exec(section)?.[1] ?? '';
    }

    /** Runs code in the exported folder, with the packages it names installed, and gives what it prints. */
    async function run(code: string): Promise<readonly number[]> {
      const modules = made.path('node_modules');
      mkdirSync(modules, { recursive: true });
      for (const name of ['@tensorflow', 'onnxruntime-node']) {
        if (!existsSync(join(modules, name))) symlinkSync(join(HOME, 'node_modules', name), join(modules, name));
      }
      const script = `${PIXELS}\n${code}\nconsole.log(JSON.stringify([...probabilities]));`;
      made.write('script.mjs', script);
      const { stdout, stderr, status } = spawnSync(process.execPath, ['../script.mjs'], {
        cwd: made.path('out'),
        encoding: 'utf8',
      });
      expect(status, stderr).toBe(0);
      return JSON.parse(stdout) as number[];
    }

    const near = (answers: readonly number[]): void => {
      expect(answers).toHaveLength(10);
      const differences = answers.map((answer, at) => Math.abs(answer - (expected[at] ?? Number.NaN)));
      expect(Math.max(...differences)).toBeLessThan(1e-5);
    };

    beforeAll(async () => {
      expected = await run(snippet('ONNX Runtime'));
      expect(expected.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 5);
    });

    test('from TensorFlow.js', async () => near(await run(snippet('TensorFlow.js'))));

    test('over HTTP', async () => {
      const server = made.start(['serve', '--port', '0', '--line', 'digits-demo', '--log-level', 'silent']);
      const end = ended(server);
      const [, url = ''] = await saying(server, /Listening on (\S+)/);
      try {
        await untilReady(url);
        near(await run(snippet('HTTP').replace('http://127.0.0.1:8080', url)));
      } finally {
        server.kill('SIGTERM');
        await end;
      }
    });
  });
});

/** Waits until the server has a model. */
async function untilReady(url: string): Promise<void> {
  while (!(await fetch(`${url}/v2/health/ready`)).ok);
}

describe('an import', () => {
  beforeEach(() => {
    project = elsewhere();
  });

  const importing = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await project.mlloop(['models', 'import', ...args]);
    return said(`${stdout}${stderr}exit ${status}\n`);
  };

  test('makes a version where nothing was ever run, moves nothing, and twice is once', async () => {
    expect(await importing('out')).toBe(
      'out is digits-demo v1 now; no alias was moved. Make it the champion with: npx mlloop promote v1 --line digits-demo\nexit 0\n',
    );
    expect(project.rows('SELECT * FROM alias')).toEqual([]);
    expect(await importing('out')).toBe('out is digits-demo v1 already; nothing was added.\nexit 0\n');
    expect(project.rows('SELECT line, version, run, imported FROM v_models')).toEqual([
      { line: 'digits-demo', version: 1, run: null, imported: 1 },
    ]);
    expect(said((await project.mlloop(['history'])).stdout.replaceAll(/\S+@\S+/g, '<me>'))).toMatch(
      /^<when> +digits-demo +- +import +- +v1 +<me> +digits-demo v1, made by run 1 \(<uid>\)$/m,
    );
    expect(JSON.parse(project.read('artifacts/models/digits-demo/v1/version.json'))).toMatchObject({
      run: null,
      line: 'digits-demo',
    });
    expect(readdirSync(project.path('artifacts/models/digits-demo/v1'))).not.toContain('README.md');
    // What later answers are compared with came along.
    const reference = 'SELECT line, version, hash, reference FROM drift_reference';
    expect(made.rows(reference)).toHaveLength(1);
    expect(project.rows(reference)).toEqual(made.rows(reference));
  });

  test('can be promoted, asked and exported again, with the same bytes of the model', async () => {
    await importing('out');
    expect((await project.mlloop(['promote', 'v1'])).status).toBe(0);
    cpSync(made.path('artifacts/latest/preprocess/live'), project.path('live'), { recursive: true, dereference: true });
    const [first, second] = await Promise.all(
      [made, project].map((one) => one.mlloop(['predict', one === made ? 'artifacts/latest/preprocess/live' : 'live'])),
    );
    const answers = (csv = ''): string[] =>
      (parse(csv, { columns: true }) as Record<string, string>[]).map((row) => `${row['prediction_id']} ${row['p_3']}`);
    expect(answers(second?.stdout)).toEqual(answers(first?.stdout));
    expect((await project.mlloop(['models', 'export', 'v1', 'again'])).status).toBe(0);
    expect(project.read('again/README.md')).toBe(project.read('out/README.md'));
    for (const name of ['model.onnx', 'weights.bin', 'model.json']) {
      expect(sha256(readFileSync(project.path('again', name)))).toBe(sha256(readFileSync(project.path('out', name))));
    }
    const shown = said((await project.mlloop(['models', 'v1'])).stdout);
    expect(shown).toMatch(/^imported +[\d-]+ [\d:]+ UTC, from digits-demo v1, which run 1 \(<uid>\) made$/m);
    expect(shown).toMatch(/^preprocess +run 1 +dataset +raw +[0-9a-f]{12}$/m);
    const [raw] = made.rows<{ hash: string }>(
      "SELECT hash FROM v_model_lineage WHERE what = 'dataset' AND name = 'raw'",
    );
    const back = await project.mlloop(['models', '--learned-from', raw?.hash ?? '']);
    expect(back.stdout).toMatch(/^digits-demo +v1 +champion +import /m);
    const { stderr } = await project.mlloop(['restore', 'v1', '--into', 'there']);
    expect(stderr).toContain('digits-demo v1 was imported: no run of this log made it');
  });

  test('keeps to its kind: generated data never stand among real ones', async () => {
    expect(
      await importing('out', '--line', 'digits'),
    ).toBe(`The model in out learned from GENERATED DATA, and so cannot join the line 'digits' of real ones.
Nothing was imported. Name a line of generated data, as in --line digits-demo.
exit 2
`);
    expect(await importing('out', '--line', '../up-demo')).toContain("'../up-demo' cannot be a line of models.");
    expect(existsSync(project.path('runs.db'))).toBe(false);
    expect(await importing('out', '--line', 'other-demo')).toContain('out is other-demo v1 now;');
  });

  test('of a copy with a flipped byte, a missing file or one too many is refused, and leaves nothing', async () => {
    const bytes = readFileSync(project.path('out/weights.bin'));
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    project.write('out/weights.bin', bytes);
    rmSync(project.path('out/golden.json'));
    project.write('out/extra.txt', '');
    expect(
      await importing('out'),
    ).toBe(`out is not what was exported: golden.json is missing, weights.bin has other bytes, extra.txt does not belong to it.
Nothing was imported. Copy the folder again, or export it again; sha256sum -c SHA256SUMS checks a copy.
exit 2
`);
    expect(readdirSync(project.root).sort()).toEqual(['out', 'pipeline.yaml']);
  });

  test.each([
    ['a folder of its own', 'stages', 'it has no SHA256SUMS'],
    ['nothing', 'nowhere', 'there is no such folder'],
    ['a version’s own folder', 'v1', 'it has no SHA256SUMS'],
  ])('of %s is refused', async (_, name, problem) => {
    mkdirSync(project.path('stages'));
    cpSync(made.path('artifacts/models/digits-demo/v1'), project.path('v1'), { recursive: true });
    expect(await importing(name)).toContain(`${name} is no exported model version: ${problem}.`);
    expect(existsSync(project.path('runs.db'))).toBe(false);
  });

  /** Files that fit each other in every sum, and are another model than they say. */
  const forge = (change: Readonly<Record<string, string | Uint8Array>>): void => {
    for (const [name, bytes] of Object.entries(change)) project.write(`out/${name}`, bytes);
    const version = JSON.parse(project.read('out/version.json')) as { files: Record<string, string>; hash: string };
    const listing = Object.keys(version.files)
      .sort()
      .map((path) => {
        const bytes = readFileSync(project.path('out', path));
        version.files[path] = sha256(bytes);
        return { path, sha256: sha256(bytes), sizeBytes: bytes.length };
      });
    version.hash = sha256(`folder\n${JSON.stringify(listing)}`);
    project.write('out/version.json', JSON.stringify(version));
    rmSync(project.path('out/SHA256SUMS'));
    const names = readdirSync(project.path('out'));
    project.write(
      'out/SHA256SUMS',
      checksumsText(Object.fromEntries(names.map((name) => [name, sha256(readFileSync(project.path('out', name)))]))),
    );
  };

  test('whose sums are right and whose answers are not is refused', async () => {
    const weights = new Float32Array(Uint8Array.from(readFileSync(project.path('out/weights.bin'))).buffer).map(
      (value) => value * 1.5,
    );
    forge({ 'weights.bin': new Uint8Array(weights.buffer) });
    expect(await importing('out')).toMatch(
      /^The model in out does not answer as it did when it was trained: with tfjs its answers are off by [\d.e-]+, and 0\.00001 is allowed\./,
    );
    forge({ 'mlloop.json': '{"format":"mlloop-model","version":1,"classes":[]}' });
    expect(await importing('out')).toContain('out is no exported model version: its mlloop.json is not valid: ');
    expect(existsSync(project.path('runs.db'))).toBe(false);
  });

  test('that is killed was none, and the next one takes its place', async () => {
    for (const point of ['version.copied', 'version.before-rename', 'version.after-rename']) {
      const killed = await project.mlloop(['models', 'import', 'out'], { MLLOOP_FAULT: `KILL@${point}` });
      expect(killed.signal).toBe('SIGKILL');
      expect(project.rows('SELECT 1 FROM model_version')).toEqual([]);
    }
    const full = await project.mlloop(['models', 'import', 'out'], { MLLOOP_FAULT: 'ENOSPC@version.before-rename' });
    expect([full.status, full.stderr]).toEqual([1, expect.stringContaining('no room is left on the device.')]);
    expect(await importing('out')).toContain('out is digits-demo v1 now;');
    expect((await project.mlloop(['promote', 'v1'])).status).toBe(0);
  });

  test('at the same time as others is one version', async () => {
    const ends = await Promise.all(Array.from({ length: 4 }, () => ended(project.start(['models', 'import', 'out']))));
    expect(ends.map(({ status, stderr }) => [status, stderr])).toEqual(Array(4).fill([0, '']));
    expect(ends.filter(({ stdout }) => stdout.includes('no alias was moved'))).toHaveLength(1);
    expect(project.rows('SELECT version FROM model_version')).toEqual([{ version: 1 }]);
    expect(project.rows('SELECT kind FROM deployment')).toEqual([{ kind: 'import' }]);
  });
});

describe('an export', () => {
  beforeEach(() => {
    project = copyOfProject(made);
  });

  test('goes into no folder that holds something, and leaves nothing where it fails', async () => {
    const { status, stderr } = await project.mlloop(['models', 'export', 'v1', 'out']);
    expect([status, stderr]).toEqual([
      2,
      'out is there already and is not an empty folder.\nName a folder that does not exist yet.\n',
    ]);
    const weights = project.path('artifacts/models/digits-demo/v1/weights.bin');
    rmSync(weights);
    const damaged = await project.mlloop(['models', 'export', 'v1', 'new']);
    expect(damaged.status).toBe(2);
    expect(damaged.stderr).toContain(
      'digits-demo v1 cannot be used: artifacts/models/digits-demo/v1 is not whole: weights.bin is gone.',
    );
    expect(readdirSync(project.root).filter((name) => name.startsWith('.') || name === 'new')).toEqual([]);
  });

  test('says on the card what the store no longer has', async () => {
    rmSync(project.path('artifacts/objects'), { recursive: true });
    expect((await project.mlloop(['models', 'export', 'v1', 'new'])).status).toBe(0);
    const card = project.read('new/README.md');
    expect(card).toContain('No longer in the store when this card was written, so that their sources cannot be told: ');
    expect(card).toContain('The evaluation itself is not on record any more, so there are no numbers by class.');
    expect(card).toMatch(/^\| accuracy \| 0\.\d{4} \|$/m);
    rmSync(project.path('artifacts/models'), { recursive: true });
    expect((await project.mlloop(['models', 'import', 'new'])).stdout).toContain('already; nothing was added.');
    expect(existsSync(project.path('artifacts/models/digits-demo/v1/weights.bin'))).toBe(true);
  });
});
