import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ended, type Project, tinyProject } from '../rig/project.ts';
import { moduleStage, toyProject } from '../rig/toy.ts';

let project: Project;
afterEach(() => project.dispose());

const turns = (run: number): string[] =>
  project
    .rows<{ stage: string; number: number; status: string }>(
      `SELECT stage, number, status FROM attempt WHERE run = ${run} ORDER BY id`,
    )
    .map(({ stage, number, status }) => `${stage}${number === 1 ? '' : ` #${number}`} ${status}`);

/** Fails until it has been tried this often; what it counts lies outside its deps. */
const flaky = (tries: number): string =>
  `cmd: [sh, -c, 'n=$(cat count 2>/dev/null || echo 0); n=$((n + 1)); echo $n > count; echo try $n; test $n -ge ${tries} && echo ok > "$1"', sh, "{outs.out}"]`;

describe('retry', () => {
  test('tries again after a crash; every try is a row and has a log', async () => {
    project = toyProject({ a: { yaml: [flaky(3), 'outs: { out: file }', 'retry: { attempts: 4, delay: 10ms }'] } });
    const { status, stderr } = await project.mlloop(['run']);
    expect(status).toBe(0);
    expect(turns(1)).toEqual(['a failed', 'a #2 failed', 'a #3 succeeded']);
    expect(stderr).toMatch(
      /a {4}warning: try 1 of 4 failed: It exited with status 1 before it was done\. The next one begins in \d+ ms\./,
    );
    expect(project.read('artifacts/logs/1/a.log')).toBe('try 1\n');
    expect(project.read('artifacts/logs/1/a.3.log')).toBe('try 3\n');
    expect((await project.mlloop(['logs', 'a'])).stdout).toBe('try 3\n');
  });

  test('gives up after the last try', async () => {
    project = toyProject({ a: { yaml: [flaky(9), 'outs: { out: file }', 'retry: { attempts: 2, delay: 10ms }'] } });
    expect((await project.mlloop(['run'])).status).toBe(1);
    expect(turns(1)).toEqual(['a failed', 'a #2 failed']);
  });

  test('of a stage and a stage of a like name have a log each', async () => {
    project = toyProject({
      a: { yaml: [flaky(2), 'outs: { out: file }', 'retry: { attempts: 2, delay: 10ms }'] },
      'a-2': { yaml: ['cmd: [sh, -c, \'echo other > "$1"; echo other\', sh, "{outs.out}"]', 'outs: { out: file }'] },
    });
    expect((await project.mlloop(['run', '--jobs', '1'])).status).toBe(0);
    expect((await project.mlloop(['logs', 'a'])).stdout).toBe('try 2\n');
    expect((await project.mlloop(['logs', 'a-2'])).stdout).toBe('other\n');
  });

  test('is for faults that may pass: bad data are bad the second time, too', async () => {
    const source = moduleStage("ctx.fail(failure('DATA_EMPTY_FILE', { file: 'x.csv' }));");
    project = toyProject({ a: { source, yaml: ['outs: { out: file }', 'retry: { attempts: 3, delay: 10ms }'] } });
    expect((await project.mlloop(['run'])).status).toBe(2);
    expect(turns(1)).toEqual(['a failed']);
  });
});

const METRIC = moduleStage(
  "ctx.metric('accuracy', 0.9, { split: 'test' }); fs.writeFileSync(ctx.outs['out'] ?? '', 'x');",
);
const COPY = moduleStage(
  "fs.writeFileSync(ctx.outs['out'] ?? '', 'y');",
  'params: Type.Object({ mode: Type.Optional(Type.String()) }),',
);

test('a timeout may be longer than a timer of Node lasts', async () => {
  project = toyProject({ a: { yaml: [flaky(1), 'outs: { out: file }', 'timeout: 30d'] } });
  const { status, stderr } = await project.mlloop(['run']);
  expect(status, stderr).toBe(0);
});

describe('when', () => {
  test('skips a stage whose param is another, and what reads from it', async () => {
    project = toyProject({
      a: {
        source: COPY,
        yaml: ['params: { mode: fast }', 'when: { param: mode, equals: full }', 'outs: { out: file }'],
      },
      b: { source: COPY, yaml: ['deps: { a: a.out }', 'outs: { out: file }'] },
    });
    const first = await project.mlloop(['run']);
    expect(first.status).toBe(0);
    expect(turns(1)).toEqual(['a skipped', 'b skipped']);
    expect(first.stderr).toContain('when params.mode is "full"; it is "fast"');
    expect(first.stderr).toContain('a was skipped');
    await project.mlloop(['run', '--set', 'a.params.mode=full']);
    expect(turns(2)).toEqual(['a succeeded', 'b succeeded']);
  });

  test('looks at a metric of a stage before it, also when that was fresh', async () => {
    const when = (min: number): string => `when: { metric: a.accuracy, split: test, min: ${min} }`;
    project = toyProject({
      a: { source: METRIC, yaml: ['outs: { out: file }'] },
      b: { source: COPY, yaml: ['deps: { a: a.out }', 'outs: { out: file }', when(0.95)] },
    });
    const { stderr } = await project.mlloop(['run']);
    expect(turns(1)).toEqual(['a succeeded', 'b skipped']);
    expect(stderr).toContain('when a.accuracy is at least 0.95; it is 0.9');
    project.write('pipeline.yaml', project.read('pipeline.yaml').replace('0.95', '0.85'));
    expect((await project.mlloop(['plan'])).stdout).toMatch(/^a {2}fresh .*\nb {2}run +first time\n/);
    await project.mlloop(['run']);
    expect(turns(2)).toEqual(['a fresh', 'b succeeded']);
  });

  test('is not left open by a metric nobody reported', async () => {
    project = toyProject({
      a: { source: METRIC, yaml: ['outs: { out: file }'] },
      b: { source: COPY, yaml: ['deps: { a: a.out }', 'outs: { out: file }', 'when: { metric: a.f1, min: 0.5 }'] },
    });
    const { status, stderr } = await project.mlloop(['run']);
    expect(status).toBe(2);
    expect(stderr).toContain("Its condition reads the metric 'f1', which a did not report.\n  a reported: accuracy.");
  });
});

test('always executes a stage in every run, and what it makes the same stops there', async () => {
  project = toyProject({
    a: { source: METRIC, yaml: ['outs: { out: file }', 'always: true'] },
    b: { source: COPY, yaml: ['deps: { a: a.out }', 'outs: { out: file }'] },
  });
  await project.mlloop(['run']);
  const { stderr } = await project.mlloop(['run']);
  expect(turns(2)).toEqual(['a succeeded', 'b fresh']);
  expect(stderr).toMatch(/a {2}ran .* always\n/);
});

/** Every file of the state folder that holds a text. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return filesWith(path, text);
    return existsSync(path) && readFileSync(path).includes(text) ? [path] : [];
  });
}

describe('a secret', () => {
  const SECRET = 'p4ss/word "quoted"';
  const source = moduleStage(`
    const token = process.env.TOKEN ?? '';
    console.log('printed', token);
    process.stderr.write(token.slice(0, 5)); process.stderr.write(token.slice(5) + '\\n');
    ctx.log('logged ' + token); ctx.log(JSON.stringify({ token }), 'detail');
    ctx.record({ kind: 'note', title: 'note', text: encodeURIComponent(token), level: 'info' });
    ctx.progress({ label: token, current: 1 });
    fs.writeFileSync(ctx.outs['out'] ?? '', String(token.length));
    if (fs.existsSync('fail')) throw new Error('cannot log in with ' + token + ' or ' + Buffer.from(token).toString('base64'));`);

  test('reaches the stage, and neither log, database, key nor screen', async () => {
    project = toyProject({ a: { source, yaml: ['secrets: [TOKEN]', 'outs: { out: file }'] } });
    const first = await project.mlloop(['run'], { TOKEN: SECRET });
    expect(first.status).toBe(0);
    expect(project.read('artifacts/latest/a/out')).toBe(String(SECRET.length));
    expect(project.read('artifacts/logs/1/a.log')).toContain('printed ***\n');
    const again = await project.mlloop(['run'], { TOKEN: 'another value' });
    expect(turns(2)).toEqual(['a fresh']);
    project.write('fail', '');
    const failed = await project.mlloop(['stage', 'a'], { TOKEN: SECRET });
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain('It threw: cannot log in with *** or ***');
    for (const form of [SECRET, JSON.stringify(SECRET).slice(1, -1), encodeURIComponent(SECRET), 'cDRzcy93b3Jk']) {
      expect(filesWith(project.path('artifacts'), form)).toEqual([]);
      expect(readFileSync(project.path('runs.db')).includes(form)).toBe(false);
      for (const { stdout, stderr } of [first, again, failed]) expect(stdout + stderr).not.toContain(form);
    }
  });

  test('that is not set is named, and the stage is not executed', async () => {
    project = toyProject({ a: { source, yaml: ['secrets: [TOKEN]', 'outs: { out: file }'] } });
    const { status, stderr } = await project.mlloop(['run']);
    expect(status).toBe(2);
    expect(stderr).toContain(
      "  Its secret 'TOKEN' is not set.\n  Set the environment variable TOKEN; its value is never keyed, stored or shown.\n",
    );
  });
});

describe('a condition that cannot be', () => {
  test.each([
    ['when: { min: 1 }', "b.when has to name a 'param' or a 'metric', and not both."],
    ['when: { param: x }', "b.when lacks what to compare with: 'equals', 'min' or 'max'."],
    ['when: { metric: c.x, min: 1 }', "There is no stage 'c'. Did you mean 'a'?"],
    [
      'when: { metric: a.x, min: 1 }',
      "b.when reads a metric of 'a', which does not run before it: add one of its outs to the deps.",
    ],
  ])('%s is told where it stands', async (line, message) => {
    project = toyProject({
      a: { source: COPY, yaml: ['outs: { out: file }'] },
      b: { source: COPY, yaml: ['outs: { out: file }', line] },
    });
    const { status, stderr } = await project.mlloop(['check']);
    expect(status).toBe(2);
    expect(stderr).toContain(`pipeline.yaml:10:11 ${message}`);
  });
});

describe('a rule of iterate that cannot be met', () => {
  test('is told before anything runs, and where it stands', async () => {
    project = tinyProject(['iterate.params.rules.drift: { windows: 3, of: 2 }']);
    const { status, stdout, stderr } = await project.mlloop(['check', '--profile', 'tiny']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^pipeline\.yaml:\d+:5 iterate\.params\.rules\.drift\.windows has to be at most 'of', which is 2, but is 3\.\n/,
    );
    expect((await project.mlloop(['check'])).status).toBe(0);
  });
});

describe('a path that a stage reads and nobody can', () => {
  const reading = (): void => {
    project = toyProject({
      a: { yaml: ['cmd: [cp, "{deps.notes}/a", "{outs.out}"]', 'deps: { notes: ./notes }', 'outs: { out: file }'] },
    });
    project.write('notes/a', 'a');
  };

  test('is told with what is in the way, and is no bug of mlloop', async () => {
    reading();
    symlinkSync('nowhere', project.path('notes', '.#a'));
    const { status, stderr } = await project.mlloop(['run']);
    expect(status).toBe(2);
    expect(stderr.replaceAll(project.root, '<root>')).toContain(
      "  Its dep 'notes' cannot be read: <root>/notes/.#a: it is a link to nothing.\n  Every file of a dep is read. Mend it, take it out of there, or name what the stage needs more closely.",
    );
  });
});

describe.skipIf(process.platform !== 'linux')('what a program prints', () => {
  /** Megabytes it prints, before it waits. */
  const PRINTED = 200;

  test.each([
    ['', {}],
    [' and has to be looked through for secrets', { TOKEN: 'hunter2hunter2' }],
  ])('is not kept in memory, however much it is%s', async (_, env: Record<string, string>) => {
    project = toyProject({
      a: {
        yaml: [
          `cmd: [sh, -c, 'head -c ${PRINTED}000000 /dev/zero; echo here > arrived; cat departs; echo x > "$1"', sh, "{outs.out}"]`,
          `secrets: [${Object.keys(env).join(', ')}]`,
          'outs: { out: file }',
        ],
      },
    });
    execFileSync('mkfifo', [project.path('arrived'), project.path('departs')]);
    const command = project.start(['run'], env);
    const run = ended(command);
    await readFile(project.path('arrived'));
    const resident = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${command.pid}/status`, 'utf8'))?.[1];
    await writeFile(project.path('departs'), '');
    expect((await run).status).toBe(0);
    expect(Number(resident) / 1000).toBeLessThan(PRINTED);
    expect(statSync(project.path('artifacts/logs/1/a.log')).size).toBe(PRINTED * 1_000_000);
  });
});
