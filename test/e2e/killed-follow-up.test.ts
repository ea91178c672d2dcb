import { afterEach, expect, test } from 'vitest';
import { type Project, tinyProject } from '../rig/project.ts';
import { expectSound } from '../rig/soundness.ts';
import { told } from '../rig/told.ts';

const RUN = ['run', '--profile', 'tiny'];
/** Another champion is asked anew, and its labels would ask for another round. */
const ALONE = [...RUN, '--set', 'iterate.params.maxRounds=0'];

let project: Project;
afterEach(() => project.dispose());

const runs = (): unknown => project.rows('SELECT id, parent, status FROM run ORDER BY id');
const outcomes = (): unknown => project.rows('SELECT cut, outcome FROM feedback_outcome');
const learned = (): unknown =>
  project.rows(`SELECT value FROM metric JOIN attempt ON attempt.id = metric.attempt
    WHERE name = 'feedbackRows' AND split IS NULL ORDER BY metric.id DESC LIMIT 1`);

// Of the two runs the first has eight turns; the sixth of the second is that of deploy.
test.each([
  ['before its first stage', 'run.recorded#2'],
  ['when its gates have spoken', 'commit.after#14'],
])(
  'a follow-up run that is killed %s says nothing of its feedback: the next run goes on with it, and takes it in',
  async (_, point) => {
    project = tinyProject(['iterate.params.rules.newLabels: 30']);
    const killed = await project.mlloop(RUN, { MLLOOP_FAULT: `KILL@${point}` });
    expect(killed.signal).toBe('SIGKILL');
    expect(outcomes()).toEqual([]);
    const next = await project.mlloop(ALONE);
    expect(next.status, next.stderr).toBe(0);
    expect(runs()).toEqual([
      { id: 1, parent: null, status: 'succeeded' },
      { id: 2, parent: 1, status: 'interrupted' },
      { id: 3, parent: null, status: 'succeeded' },
    ]);
    expect(learned()).toEqual([{ value: 40 }]);
    expect(outcomes()).toEqual([{ cut: 1, outcome: 'taken_in' }]);
    await expectSound(project);
    const idle = await project.mlloop(ALONE);
    expect([idle.status, project.rows('SELECT DISTINCT status FROM attempt WHERE run = 4')]).toEqual([
      0,
      [{ status: 'fresh' }],
    ]);
  },
);

test('a retraining that is killed is made up for by the next call, with the feedback it had accepted', async () => {
  project = tinyProject();
  const policy = 'retrain: { rules: { newLabels: 30 }, promotions: 9 }\n';
  project.write('pipeline.yaml', project.read('pipeline.yaml').replace(/^retrain:[\s\S]*?(?=^profiles:)/m, policy));
  expect((await project.mlloop(RUN)).status).toBe(0);
  const retrain = ['retrain', '--if-needed', '--profile', 'tiny'];
  const killed = await project.mlloop(retrain, { MLLOOP_FAULT: 'KILL@commit.inside#2' });
  expect(killed.signal).toBe('SIGKILL');
  const next = await project.mlloop(retrain);
  expect(next.status, next.stderr).toBe(0);
  expect(project.rows('SELECT reason FROM retrain_decision ORDER BY id DESC LIMIT 1')).toEqual([
    { reason: 'unfinished: run 2 came to no verdict, so it is tried again' },
  ]);
  expect(runs()).toEqual([
    { id: 1, parent: null, status: 'succeeded' },
    { id: 2, parent: null, status: 'interrupted' },
    { id: 3, parent: null, status: 'succeeded' },
  ]);
  expect(learned()).toEqual([{ value: 40 }]);
  expect(outcomes()).toEqual([{ cut: 1, outcome: 'taken_in' }]);
  const idle = await project.mlloop(retrain);
  expect([idle.status, told(idle.stdout)]).toEqual([0, expect.stringContaining('skipped')]);
});
