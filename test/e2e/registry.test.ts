import { appendFileSync, chmodSync, cpSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { copyOfProject } from '../rig/five-stages.ts';
import { createGate } from '../rig/gate.ts';
import { ended, type Project } from '../rig/project.ts';
import { shippingProject } from '../rig/small-projects.ts';

/** Three versions of one line, made by three runs. */
let made: Project;
let project: Project;

const WORDS = ['one', 'two', 'three'];
const run = (word: string) => project.mlloop(['run', '--set', `make.params.word=${word}`]);

beforeAll(async () => {
  project = shippingProject();
  made = project;
  // Several models stay in the store, whatever becomes of their folders.
  for (const word of WORDS) expect((await run(word)).status).toBe(0);
});
afterAll(() => made.dispose());
beforeEach(() => {
  project = copyOfProject(made);
});
afterEach(() => project.dispose());

const champion = (): string => readlinkSync(project.path('artifacts/models/toy/champion'));
const word = (): string => project.read('artifacts/models/toy/champion/model.json');
const aliases = () =>
  project.rows<{ alias: string; version: number }>('SELECT alias, version FROM alias ORDER BY alias');

/** What people read, without times and names of the machine. */
const said = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '<when>')
    .replace(/\d{4}-\d\d-\d\d/g, '<day>')
    .replaceAll(/\b[\w.-]+@[\w.-]+/g, '<me>')
    .replace(/\b[0-9a-f]{64}\b/g, '<hash>')
    .replace(/\b[0-9a-f]{12}\b/g, '<short>')
    .split('\n')
    .map((line) => line.replace(/(\S) {2,}/g, '$1  ').trimEnd())
    .join('\n');

const tell = async (...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await project.mlloop(args);
  return said(`${stdout}${stderr}exit ${status}\n`);
};

describe('a rollback', () => {
  test('goes back to the version before, in the log and by the link, and says so', async () => {
    expect(await tell('rollback', '--reason', ' worse\non \u001b receipts')).toBe(
      'toy v2 is champion now (it was v3).\nexit 0\n',
    );
    expect([champion(), word(), aliases()]).toEqual(['v2', '"two"', [{ alias: 'champion', version: 2 }]]);
    expect(await tell('rollback')).toBe('toy v1 is champion now (it was v2).\nexit 0\n');
    expect(await tell('rollback')).toBe(`There is no version of 'toy' to go back to from v1.
npx mlloop history --line toy tells what was live; npx mlloop promote makes any version the champion.
exit 2
`);
    expect(await tell('history')).toBe(`when (UTC)  line  alias  what  from  to  by  why
<when>  toy  champion  rollback  v2  v1  <me>  no reason given
<when>  toy  champion  rollback  v3  v2  <me>  worse on receipts
<when>  toy  champion  deploy  v2  v3  run 3  made
<when>  toy  champion  deploy  v1  v2  run 2  made
<when>  toy  champion  deploy  -  v1  run 1  made
exit 0
`);
  });

  test('holds: the next run makes the same model, keeps the champion, says why, and has then nothing to do', async () => {
    await project.mlloop(['rollback', '--reason', 'worse on receipts']);
    const next = await run('three');
    expect(next.status).toBe(0);
    expect(said(next.stderr)).toContain('ship  ran');
    expect(said(next.stderr)).toContain(
      'deploy  kept: v3 was rolled back by <me> on <day> (worse on receipts); npx mlloop promote v3 --line toy brings it back',
    );
    expect([champion(), word()]).toEqual(['v2', '"two"']);
    expect((await run('three')).stderr).toMatch(/^ship +fresh/m);
    expect(project.rows("SELECT run, from_version, to_version FROM v_deployments WHERE kind = 'kept'")).toEqual([
      { run: 4, from_version: 2, to_version: 2 },
    ]);
    // A new model is not the one that was rolled back from.
    await run('four');
    expect(champion()).toBe('v4');
    await run('three');
    expect(champion()).toBe('v4');
    expect(await tell('promote', 'v3')).toBe('toy v3 is champion now (it was v4).\nexit 0\n');
    await run('four');
    await run('three');
    expect(champion()).toBe('v3');
  });

  test('leads to a version that is named, if it was live', async () => {
    expect(await tell('rollback', '--to', 'v1')).toBe('toy v1 is champion now (it was v3).\nexit 0\n');
    expect(await tell('rollback', '--to', 'v1')).toBe('toy v1 is champion already; nothing was moved.\nexit 0\n');
    expect(await tell('rollback', '--to', 'v7')).toBe(`No model version v7 of the line 'toy' is registered.
Registered: toy v1, toy v2, toy v3.
exit 2
`);
  });
});

test('a long ledger is cut, and says so', async () => {
  const database = project.open();
  const entry = database.prepare(
    "INSERT INTO deployment (line, alias, kind, from_version, to_version, reason, actor, at) VALUES ('toy', 'champion', 'kept', 3, 3, ?, 'me@here', 0)",
  );
  for (let at = 0; at < 60; at++) entry.run(`look ${at}`);
  database.close();
  const cut = await project.mlloop(['history']);
  expect(cut.stderr).toBe('The newest 50 of 63 entries; --limit 63 shows all.\n');
  expect(cut.stdout.match(/look \d+/g)?.at(-1)).toBe('look 10');
  const whole = await project.mlloop(['history', '--limit', '63']);
  expect([whole.stderr, whole.stdout.match(/^\d{4}-/gm)?.length]).toEqual(['', 63]);
  expect(JSON.parse((await project.mlloop(['history', '--json'])).stdout)).toHaveLength(63);
});

describe('an alias of one’s own', () => {
  test('is moved, found, and taken away', async () => {
    expect(await tell('promote', '2', '--alias', 'canary')).toBe('toy v2 is canary now.\nexit 0\n');
    expect([champion(), readlinkSync(project.path('artifacts/models/toy/canary'))]).toEqual(['v3', 'v2']);
    expect(await tell('promote', 'canary')).toBe('toy v2 is champion now (it was v3).\nexit 0\n');
    expect(await tell('promote', 'latest', '--alias', 'canary')).toBe('toy v3 is canary now (it was v2).\nexit 0\n');
    expect(await tell('unalias', 'canary')).toBe('toy has no canary any more (it was v3).\nexit 0\n');
    expect(lstatSync(project.path('artifacts/models/toy/canary'), { throwIfNoEntry: false })).toBeUndefined();
    expect(aliases()).toEqual([{ alias: 'champion', version: 2 }]);
    expect(await tell('unalias', 'champion')).toContain("The alias champion of 'toy' cannot be taken away");
  });

  test('leads where the log says, whatever lies in its place, and takes nothing of anybody’s away', async () => {
    project.write('artifacts/models/toy/canary/notes.txt', 'mine');
    cpSync(project.path('artifacts/models/toy/v3'), project.path('artifacts/models/toy/copied'), { recursive: true });
    await project.mlloop(['promote', 'v1', '--alias', 'canary']);
    await project.mlloop(['promote', 'v1', '--alias', 'copied']);
    const models = project.path('artifacts/models/toy');
    expect(['canary', 'copied'].map((name) => readlinkSync(join(models, name)))).toEqual(['v1', 'v1']);
    const aside = readdirSync(models).filter((name) => name.includes('-put-aside-'));
    expect(aside.map((name) => name.split('-')[0]).sort()).toEqual(['canary', 'copied']);
    expect(aside.map((name) => readdirSync(join(models, name)).length).sort()).toEqual([1, 3]);
  });

  test('of several lines has to be told apart', async () => {
    project.write('stages/ship.ts', project.read('stages/ship.ts').replaceAll("line: 'toy'", "line: 'other'"));
    await run('one');
    for (const line of ['toy', 'other']) await project.mlloop(['promote', 'v1', '--alias', 'canary', '--line', line]);
    expect(await tell('unalias', 'canary')).toBe(
      'Several lines have an alias canary: other, toy.\nName one, as in --line other.\nexit 2\n',
    );
    expect(await tell('rollback')).toContain('Several lines have an alias champion: other, toy.');
    expect(await tell('promote', 'v1')).toContain('Several lines have a version v1: other, toy.');
    expect(await tell('unalias', 'canary', '--line', 'toy')).toBe('toy has no canary any more (it was v1).\nexit 0\n');
  });
});

describe('models', () => {
  test('lists versions with their names, makers and tags', async () => {
    await project.mlloop(['rollback']);
    await project.mlloop(['promote', 'v1', '--alias', 'old']);
    expect(await tell('tag', 'old', 'owner=anna', 'note=a b=c')).toBe('toy v1: note=a b=c, owner=anna\nexit 0\n');
    expect(await tell('tag', 'v1', '--remove', 'note')).toBe('toy v1: owner=anna\nexit 0\n');
    expect(await tell('tag', 'v1', '__proto__=x')).toBe('toy v1: __proto__=x, owner=anna\nexit 0\n');
    expect(await tell('tag', 'v1', '--remove', '__proto__')).toBe('toy v1: owner=anna\nexit 0\n');
    expect(await tell('tag', 'v1', '--remove', 'toString')).toContain("toy v1 has no tag 'toString'");
    expect(await tell('tag', 'v1', 'plain')).toContain("No tag was changed: 'plain' is not key=value.");
    expect(await tell('models')).toBe(`line  version  alias  made by  when (UTC)  notes
toy  v3  -  run 3  <when>  rolled back
toy  v2  champion  run 2  <when>
toy  v1  old  run 1  <when>  owner=anna
exit 0
`);
    const { stdout } = await project.mlloop(['models', '--json']);
    const listed = JSON.parse(stdout) as object[];
    expect(listed).toHaveLength(3);
    expect(listed[0]).toMatchObject({
      version: 1,
      aliases: ['old'],
      run: 1,
      tags: { owner: 'anna' },
      rolledBack: null,
    });
    expect(listed[2]).toMatchObject({ version: 3, rolledBack: { from: 3, to: 2, kind: 'rollback' } });
    expect(project.rows('SELECT version, aliases, run, tags FROM v_models ORDER BY version')).toEqual([
      { version: 1, aliases: 'old', run: 1, tags: '{"owner":"anna"}' },
      { version: 2, aliases: 'champion', run: 2, tags: '{}' },
      { version: 3, aliases: null, run: 3, tags: '{}' },
    ]);
  });

  test('tells all that is on record of one, down to what it learned from', async () => {
    expect(await tell('models', 'champion')).toBe(`version  toy v3
alias  champion
made  <when> UTC, by run 3
files  artifacts/models/toy/v3, whole
hash  <hash>

Learned from
stage  of  what  name  hash
ship  run 3  model  model  <short>
make  run 3  path  notes  <short>
make  run 3  code  code  <short>

Ledger
when (UTC)  line  alias  what  from  to  by  why
<when>  toy  champion  deploy  v2  v3  run 3  made
exit 0
`);
    appendFileSync(project.path('artifacts/models/toy/v2/more.txt'), '');
    expect(await tell('models', 'v2')).toContain(
      'files  artifacts/models/toy/v2, NOT WHOLE: more.txt does not belong to it',
    );
  });

  test('finds the way back from what was read', async () => {
    const [notes] = project.rows<{ hash: string }>("SELECT DISTINCT hash FROM v_model_lineage WHERE what = 'path'");
    const back = await tell('models', '--learned-from', notes?.hash.slice(0, 10) ?? '');
    expect(back.match(/^toy {2}v\d/gm)).toEqual(['toy  v3', 'toy  v2', 'toy  v1']);
    expect(await tell('models', '--learned-from', 'ffff')).toBe('No registered version learned from ffff.\nexit 0\n');
  });

  test('and all that changes them say what is missing', async () => {
    rmSync(project.path('runs.db'));
    for (const args of [['models'], ['history'], ['promote', 'v1'], ['rollback'], ['tag', 'v1'], ['unalias', 'x']]) {
      expect(await tell(...args)).toBe(
        'No model has been registered here yet.\nDeploy one with: npm run pipeline\nexit 2\n',
      );
    }
    expect(readdirSync(project.root)).not.toContain('runs.db');
  });
});

describe('a version whose folder', () => {
  const flip = (version: string): void => {
    const file = project.path('artifacts/models/toy', version, 'weights.bin');
    chmodSync(file, 0o644);
    const bytes = readFileSync(file);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    project.write(`artifacts/models/toy/${version}/weights.bin`, bytes);
  };

  test('has a flipped byte is refused, and laid out again once the folder is gone', async () => {
    expect((await project.mlloop(['doctor'])).stdout).toMatch(/^ok +versions +2 without an alias, all whole$/m);
    flip('v2');
    expect((await project.mlloop(['doctor'])).stdout).toMatch(
      /^warn +versions +2 without an alias, of them not whole: toy v2 \(weights\.bin has other bytes\)$/m,
    );
    const refused = `toy v2 cannot be used: artifacts/models/toy/v2 is not whole: weights.bin has other bytes.
Nothing was changed. Take the folder away and try again: it is laid out anew where the store still has it. Else put it back from a copy.
exit 2
`;
    expect(await tell('rollback')).toBe(refused);
    expect(await tell('promote', 'v2')).toBe(refused);
    expect([champion(), aliases()]).toEqual(['v3', [{ alias: 'champion', version: 3 }]]);
    rmSync(project.path('artifacts/models/toy/v2'), { recursive: true });
    expect(await tell('rollback')).toBe('toy v2 is champion now (it was v3).\nexit 0\n');
    expect(word()).toBe('"two"');
  });

  test('is gone, from the store too, is refused', async () => {
    rmSync(project.path('artifacts/models/toy/v2'), { recursive: true });
    rmSync(project.path('artifacts/objects'), { recursive: true });
    expect(await tell('rollback')).toContain('artifacts/models/toy/v2 is not whole: it is gone.');
    expect(champion()).toBe('v3');
  });
});

describe('at the same time', () => {
  test('many promotions all end, and alias, ledger and link agree', async () => {
    const ends = await Promise.all(
      Array.from({ length: 8 }, (_, at) => ended(project.start(['promote', `v${1 + (at % 3)}`, '--reason', `${at}`]))),
    );
    expect(ends.map(({ status, stderr }) => [status, stderr])).toEqual(Array(8).fill([0, '']));
    const moves = project.rows<{ from_version: number; to_version: number }>(
      "SELECT from_version, to_version FROM deployment WHERE kind = 'promote' ORDER BY id",
    );
    expect(moves.map((move) => move.from_version)).toEqual([3, ...moves.map((move) => move.to_version)].slice(0, -1));
    const last = moves.at(-1)?.to_version ?? 3;
    expect([aliases(), champion()]).toEqual([[{ alias: 'champion', version: last }], `v${last}`]);
  });

  test('rollbacks go one step or say that somebody was faster, and never lose an entry', async () => {
    const ends = await Promise.all(Array.from({ length: 4 }, () => ended(project.start(['rollback']))));
    const done = ends.filter(({ status }) => status === 0);
    expect(done.length).toBeGreaterThan(0);
    for (const { stderr } of ends.filter(({ status }) => status !== 0)) {
      expect(stderr).toMatch(/^(Somebody else has just moved|There is no version of 'toy' to go back to)/);
    }
    expect(project.rows("SELECT 1 FROM deployment WHERE kind = 'rollback'")).toHaveLength(done.length);
    expect(champion()).toBe(`v${aliases()[0]?.version}`);
  });
});

test('a rollback in the middle of a run needs no lock, and what was compared with another champion waits for the next run', async () => {
  const gate = createGate(project);
  const ship = project.read('stages/ship.ts');
  project.write(
    'stages/ship.ts',
    ship
      .replace(
        "await ctx.ask('champion', { line: 'toy' });",
        `const champion = await ctx.ask('champion', { line: 'toy' });${gate.code}`,
      )
      .replace("reason: 'made'", "reason: 'made', against: champion.version"),
  );
  const running = ended(project.start(['run', '--set', 'make.params.word=four']));
  await gate.reached();
  expect(await tell('rollback')).toBe('toy v2 is champion now (it was v3).\nexit 0\n');
  await gate.open();
  const { status, stderr } = await running;
  expect(status, stderr).toBe(0);
  expect(stderr).toContain(
    'deploy      kept: v2 became the champion while this model was compared with v3; the next run compares again',
  );
  expect([champion(), project.rows('SELECT max(version) AS last FROM model_version')]).toEqual(['v2', [{ last: 3 }]]);
  const next = ended(project.start(['run', '--set', 'make.params.word=four']));
  await gate.reached();
  await gate.open();
  expect((await next).stderr).toMatch(/^make +fresh/m);
  expect(champion()).toBe('v4');
});

describe('killed', () => {
  test.each([
    ['before the log has it', 'version.copied', 'v3', 'v3'],
    ['between the log and the link', 'alias.recorded', 'v2', 'v3'],
    ['while the link is made', 'alias.before-rename', 'v2', 'v3'],
  ])('%s, a rollback is whole or was none, and the next command mends the link', async (_, point, inLog, inLink) => {
    rmSync(project.path('artifacts/models/toy/v2'), { recursive: true });
    const killed = await project.mlloop(['rollback'], { MLLOOP_FAULT: `KILL@${point}` });
    expect(killed.signal).toBe('SIGKILL');
    expect([`v${aliases()[0]?.version}`, champion()]).toEqual([inLog, inLink]);
    // Whoever follows the link reads a whole version meanwhile.
    expect(JSON.parse(word())).toBe('three');
    expect((await project.mlloop(['promote', inLog])).status).toBe(0);
    expect(champion()).toBe(inLog);
    await run('three');
    expect(readdirSync(project.path('artifacts/models/toy')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(champion()).toBe(inLog);
  });

  test('with a full disk it says so and moves nothing', async () => {
    rmSync(project.path('artifacts/models/toy/v2'), { recursive: true });
    const full = await project.mlloop(['rollback'], { MLLOOP_FAULT: 'ENOSPC@version.before-rename' });
    expect([full.status, full.stderr]).toEqual([1, expect.stringContaining('no room is left on the device.')]);
    expect([aliases(), champion()]).toEqual([[{ alias: 'champion', version: 3 }], 'v3']);
    // The log has the move: a link that cannot be made is told, and mended by the next run.
    const late = await project.mlloop(['rollback'], { MLLOOP_FAULT: 'ENOSPC@alias.before-rename' });
    expect(late.status).toBe(0);
    expect(late.stderr).toContain('The log has the move; the link for people could not be made');
    expect([aliases(), champion()]).toEqual([[{ alias: 'champion', version: 2 }], 'v3']);
    await run('two');
    expect(champion()).toBe('v2');
  });
});

test('who moved an alias is on record by name', async () => {
  await project.mlloop(['promote', 'v1']);
  const [entry] = project.rows<{ actor: string }>('SELECT actor FROM deployment ORDER BY id DESC LIMIT 1');
  expect(entry?.actor.split('@')[0]).toBe(userInfo().username);
});
