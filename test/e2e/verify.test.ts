import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import type { Project } from '../rig/project.ts';
import { toyStage, twoStageProject } from '../rig/small-projects.ts';
import { told } from '../rig/told.ts';

let project: Project;
afterEach(() => project.dispose());

const RANDOM = toyStage(`writeFileSync(\`\${ctx.outs.copies}/a.txt\`, 'same');
    writeFileSync(\`\${ctx.outs.copies}/b.txt\`, String(Math.random()));
    writeFileSync(\`\${ctx.outs.copies}/\${Math.random()}.txt\`, '');`);

const change = (sql: string): void => {
  const database = new Database(project.path('runs.db'));
  database.exec(sql);
  database.close();
};

test('a stage that makes the same bytes again is said to, and nothing else changes', async () => {
  project = twoStageProject();
  await project.mlloop(['run']);
  const before = project.rows('SELECT * FROM attempt');
  const { status, stdout, stderr } = await project.mlloop(['verify', 'second']);
  expect({ status, stdout: told(stdout), stderr }).toEqual({
    status: 0,
    stdout: `second made the same bytes again as in run 1, in <time>.
  copies: 2 files, <size>, the same bytes
`,
    stderr: 'Executing second again, to compare with what run 1 made.\n',
  });
  expect(project.rows('SELECT * FROM attempt')).toEqual(before);
  expect(project.rows('SELECT id FROM run')).toEqual([{ id: 1 }]);
  expect(existsSync(project.path('artifacts/tmp/verify-second'))).toBe(false);
});

test('a stage that draws its own random numbers is found out, with the files that differ', async () => {
  project = twoStageProject({ 'stages/second.ts': RANDOM });
  await project.mlloop(['run']);
  const { status, stdout, stderr } = await project.mlloop(['verify', 'second']);
  expect(status).toBe(1);
  expect(stdout).toBe('');
  const lines = stderr.replace(/0\.\d+/g, '<n>').split('\n');
  expect(lines.slice(1, 3)).toEqual([
    'second did not make the same bytes again as in run 1, under the same key:',
    '  copies',
  ]);
  expect(lines.slice(3, 6).sort()).toEqual([
    '    <n>.txt: only here',
    '    <n>.txt: only there',
    '    b.txt: other bytes',
  ]);
  expect(lines[6]).toContain('Something that is not in its key decides what it makes');
});

test('outs of another key are not compared, and the command that makes them works', async () => {
  project = twoStageProject();
  expect((await project.mlloop(['verify', 'first'])).stderr).toBe(
    'There are no runs on record yet.\nMake one with: npm run pipeline\n',
  );
  await project.mlloop(['run']);
  const args = ['verify', 'first', '--set', 'first.params.word=good bye'];
  const { status, stderr } = await project.mlloop(args);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: `Nothing of first was made under the key it has now, so there is nothing to compare: params.word hello -> good bye.
Make it with: npm run pipeline -- --only first --set 'first.params.word=good bye'
`,
  });
  await project.mlloop(['run', '--only', 'first', '--set', 'first.params.word=good bye']);
  expect((await project.mlloop(args)).status).toBe(0);
  // What an earlier run made under the key of now stands, too.
  expect((await project.mlloop(['verify', 'first'])).stdout).toContain('as in run 1');
});

test('what another kind of machine made is not comparable', async () => {
  project = twoStageProject({ 'stages/second.ts': RANDOM });
  await project.mlloop(['run']);
  change(`UPDATE run SET versions = json_set(versions, '$.processor', 'Z80')`);
  const processor = await project.mlloop(['verify', 'second']);
  expect(processor.status).toBe(2);
  expect(processor.stderr).toMatch(
    /second is not comparable: its outs were made on another kind of processor \(Z80; this is .+\); other bytes in copies\.\n/,
  );
  change(`UPDATE attempt SET key = 'other', key_parts = json_set(key_parts, '$.platform', 'node 20 vms vax')`);
  const platform = await project.mlloop(['verify', 'second']);
  expect(platform.status).toBe(2);
  expect(platform.stderr).toMatch(
    /^second is not comparable: its outs were made on node 20 vms vax, and this is node \d+ \w+ \w+\.\n/,
  );
});

test('a stored out that is damaged is no measure', async () => {
  project = twoStageProject();
  await project.mlloop(['run']);
  const [row] = project.rows<{ hash: string }>(
    "SELECT hash FROM attempt_artifact WHERE name = 'text' AND role = 'out'",
  );
  const object = project.path('artifacts/objects', row?.hash.slice(0, 2) ?? '', row?.hash ?? '');
  chmodSync(object, 0o644);
  writeFileSync(object, 'something else');
  const { status, stderr } = await project.mlloop(['verify', 'first']);
  expect(status).toBe(2);
  expect(stderr).toContain('there is nothing to compare: its stored outs are missing or damaged.');
});

test('a stage that fails the second time is told with its last lines', async () => {
  // The file is no dep, so the key does not see it.
  project = twoStageProject({
    'stages/second.ts': toyStage(`console.log('looking');
    writeFileSync(\`\${ctx.outs.copies}/a.txt\`, readFileSync(\`\${ctx.root}/hidden.txt\`));`),
    'hidden.txt': 'x',
  });
  await project.mlloop(['run']);
  rmSync(project.path('hidden.txt'));
  const { status, stderr } = await project.mlloop(['verify', 'second']);
  expect(status).toBe(1);
  expect(stderr).toContain('It threw: ENOENT');
  expect(stderr).toContain('Its last line');
  expect(stderr).toContain(`Its log: ${project.path('artifacts/logs/verify/second.log')}`);
  expect(readdirSync(project.path('artifacts/tmp'))).toEqual([]);
});
