import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { fiveStageProject } from '../rig/five-stages.ts';
import { createGate, type Gate } from '../rig/gate.ts';
import { createProject, ended, type Project } from '../rig/project.ts';
import { buildScript } from '../rig/script.ts';
import { expectSound, finalState, stageProcesses } from '../rig/soundness.ts';

let project: Project;
afterEach(() => project.dispose());

const PIPELINE = `name: slow
seed: 1
stages:
  slow:
    run: stages/slow.ts
    outs: { out: file }
`;

const stage = (wait: string): string => `import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
export default defineStage({
  params: { type: 'object' },
  async run(ctx) {
    if (!existsSync(ctx.root + '/go-on')) { ${wait} }
    writeFileSync(ctx.outs.out, 'done');
  },
});
`;

/** A project whose stage waits, unless there is a file 'go-on'. */
function waiting(before = ''): Gate {
  project = createProject({ 'pipeline.yaml': PIPELINE });
  const gate = createGate(project);
  project.write('stages/slow.ts', stage(`${before} ${gate.code}`));
  return gate;
}

describe('a second run in the folder', () => {
  test('is refused and told who is at work there', async () => {
    const gate = waiting();
    const first = project.start(['run']);
    const firstEnd = ended(first);
    await gate.reached();
    const second = await project.mlloop(['run']);
    expect(second.status).toBe(4);
    expect(second.stderr).toMatch(
      new RegExp(
        `^Another run is at work in this folder: pid ${first.pid}, for [\\d.]+ m?s\\.\n` +
          'Wait for it to end \\(with --wait this is done for you\\), or give this one a state of its own with --state DIR\\.\n$',
      ),
    );
    await gate.open();
    expect((await firstEnd).status).toBe(0);
    expect(project.rows('SELECT id, status FROM run')).toEqual([{ id: 1, status: 'succeeded' }]);
  });

  test('waits for its turn where it is told to, and then finds everything made', async () => {
    const gate = waiting();
    const first = project.start(['run']);
    const firstEnd = ended(first);
    await gate.reached();
    const second = project.start(['run', '--wait']);
    const secondEnd = ended(second);
    const [told] = await once(second.stderr ?? second, 'data');
    expect(String(told)).toMatch(new RegExp(`^Waiting for the run of pid ${first.pid}, at work for `));
    await gate.open();
    expect((await firstEnd).status).toBe(0);
    const { status, stderr } = await secondEnd;
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/^slow +fresh +nothing changed$/m);
  });

  test('is let in when the first one was killed', async () => {
    const gate = waiting();
    const first = project.start(['run']);
    const firstEnd = ended(first);
    await gate.reached();
    first.kill('SIGKILL');
    await firstEnd;
    project.write('go-on', '');
    const { status, stderr } = await project.mlloop(['run']);
    expect(status, stderr).toBe(0);
    expect(project.rows('SELECT id, status FROM run')).toEqual([
      { id: 1, status: 'interrupted' },
      { id: 2, status: 'succeeded' },
    ]);
    await expectSound(project);
  });

  test('of eight that start together is refused seven times, each told of the one', async () => {
    const gate = waiting();
    const runs = Array.from({ length: 8 }, () => project.start(['run']));
    const ends = runs.map((run) => ended(run).then((end) => ({ ...end, pid: run.pid })));
    await gate.reached();
    const over: Awaited<(typeof ends)[number]>[] = [];
    await new Promise<void>((resolve) => {
      for (const end of ends) void end.then((one) => over.push(one) === 7 && resolve());
    });
    const refused = [...over];
    await gate.open();
    await Promise.all(ends);
    const winner = over[7];
    expect(winner?.status, winner?.stderr).toBe(0);
    for (const { status, stderr } of refused) {
      expect(status, stderr).toBe(4);
      expect(stderr).toContain(`Another run is at work in this folder: pid ${winner?.pid}, for `);
    }
    expect(project.rows('SELECT id, status FROM run')).toEqual([{ id: 1, status: 'succeeded' }]);
  });
});

/** A process that left the stage's group, will not be told to end, and has all the time in the world. */
const STUBBORN = `const child = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);"],
      { detached: true, stdio: 'ignore' });
    child.unref();`;

describe.runIf(process.platform === 'linux')('a process that a killed run left behind', () => {
  test('is ended by the next command, also where it left its group', async () => {
    const gate = waiting(STUBBORN);
    const first = project.start(['run']);
    const firstEnd = ended(first);
    await gate.reached();
    first.kill('SIGKILL');
    await firstEnd;
    expect(stageProcesses(project)).not.toEqual([]);
    project.write('go-on', '');
    const { status, stderr } = await project.mlloop(['run']);
    expect(status, stderr).toBe(0);
    expect(stageProcesses(project)).toEqual([]);
    await expectSound(project);
  });
});

describe('eight processes that write the log at once', () => {
  const predict = buildScript(
    'predict-like',
    `import { insertPredictions } from '#lib/runlog/predictions.ts';
import { openRunLog } from '#lib/runlog/open.ts';
const [file, name, count] = process.argv.slice(2);
const opened = openRunLog(file);
if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
const log = opened.value;
const batch = { line: 'toy', version: 1, simulated: false, source: 'predict', at: 1 };
for (let at = 0; at < Number(count); at++) {
  const entry = { predictionId: name + '-' + at, input: Uint8Array.of(1), predicted: 0, probabilities: [0.9, 0.1] };
  log.atomically(() => insertPredictions(log, batch, [entry]));
}
log.close();
`,
  );
  afterAll(() => {
    if (existsSync(predict)) rmSync(predict);
  });
  const predictLike = (name: string, count: number) =>
    ended(
      spawn(process.execPath, [predict, project.path('runs.db'), name, String(count)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );

  test('lose nothing, and none meets a lock', async () => {
    project = fiveStageProject();
    expect((await project.mlloop(['run'])).status).toBe(0);
    const good = await finalState(project);
    expect((await predictLike('asked', 60)).status).toBe(0);
    for (const file of [0, 1, 2]) {
      const rows = Array.from({ length: 20 }, (_, at) => `asked-${file * 20 + at},${at % 2 === 0 ? 'yes' : 'no'}`);
      project.write(`labels-${file}.csv`, ['prediction_id,label', ...rows, ''].join('\n'));
    }
    const ends = await Promise.all([
      ...[0, 1, 2].map((file) => project.mlloop(['feedback', 'import', `labels-${file}.csv`])),
      ...['a', 'b'].map((name) => predictLike(name, 100)),
      ...[1, 2, 3].map(() => project.mlloop(['run', '--wait', '--force'])),
    ]);
    for (const { status, stderr } of ends) {
      expect(status, stderr).toBe(0);
      expect(stderr).not.toMatch(/locked|busy/i);
    }
    expect(project.rows('SELECT count(*) AS n FROM prediction')).toEqual([{ n: 260 }]);
    expect(project.rows('SELECT count(*) AS n, count(DISTINCT prediction) AS of FROM label')).toEqual([
      { n: 60, of: 60 },
    ]);
    expect(project.rows('SELECT id, status FROM run')).toEqual([1, 2, 3, 4].map((id) => ({ id, status: 'succeeded' })));
    expect(project.rows("SELECT count(*) AS n FROM attempt WHERE status = 'succeeded'")).toEqual([{ n: 20 }]);
    await expectSound(project);
    expect(await finalState(project)).toEqual(good);
  });
});
