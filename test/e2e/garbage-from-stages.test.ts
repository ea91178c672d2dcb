import { afterEach, expect, test } from 'vitest';
import type { Project } from '../rig/project.ts';
import { moduleStage, toyProject } from '../rig/toy.ts';

let project: Project;
afterEach(() => project.dispose());

/** What a stage's own code says, types or no types, and the message that ends it. */
test.each([
  [
    'a metric that is a text',
    "ctx.metric('accuracy', '0.9');",
    "It threw: ctx.metric('accuracy', '0.9'): its value has to be a number, and is string.",
  ],
  [
    'a metric that is nothing',
    "ctx.metric('accuracy', undefined);",
    "It threw: ctx.metric('accuracy', undefined): its value has to be a number, and is undefined.",
  ],
  [
    'a metric of half a fold',
    "ctx.metric('accuracy', 1, { fold: 1.5 });",
    "It threw: ctx.metric('accuracy', 1): fold has to be a whole number.",
  ],
  ['a metric without a name', "ctx.metric('', 1);", "It threw: ctx.metric('', 1): a metric needs a name."],
  [
    'a metric that is none, as a record',
    "ctx.record({ kind: 'metric', name: 'accuracy' });",
    'It sent something that is not a message of a stage: {"type":"record","record":{"kind":"metric","name":"accuracy"}}.',
  ],
  [
    'a record that lacks what it needs',
    "ctx.record({ kind: 'trial' });",
    'It put something on record that the log has no place for: ',
  ],
  [
    'many records of an unknown kind',
    "for (let n = 0; n < 200; n++) ctx.record({ kind: 'nothing' });",
    'It put something on record that the log has no place for: ',
  ],
  [
    'a progress that counts nothing',
    'ctx.progress({});',
    'It sent something that is not a message of a stage: {"type":"progress","progress":{}}.',
  ],
  [
    'a message with the name of something every object has',
    "process.send?.({ type: 'constructor' });",
    'It sent something that is not a message of a stage: {"type":"constructor"}.',
  ],
  [
    'a failure without its fields',
    "process.send?.({ type: 'failed', usage: {}, failure: { type: 'failure', code: 'CONFIG_UNKNOWN_KEY', fields: {} } });",
    'It sent something that is not a message of a stage: {"type":"failed",',
  ],
])('%s fails the stage, and not the run', async (_, body, told) => {
  const source = moduleStage(`const context: any = ctx; ${body.replaceAll('ctx.', 'context.')}
    fs.writeFileSync(ctx.outs['out'] ?? '', 'x');
    await new Promise((resolve) => setTimeout(resolve, 0));`);
  project = toyProject({
    odd: { source, yaml: ['outs: { out: file }'] },
    other: { yaml: ['cmd: [cp, pipeline.yaml, "{outs.out}"]', 'outs: { out: file }'] },
  });
  const { status, stderr } = await project.mlloop(['run', '--keep-going']);
  expect(stderr).toContain(`  ${told}`);
  expect(status).toBe(1);
  expect(project.rows('SELECT stage, status FROM attempt ORDER BY stage')).toEqual([
    { stage: 'odd', status: 'failed' },
    { stage: 'other', status: 'succeeded' },
  ]);
  expect(project.rows('SELECT count(*) AS metrics FROM metric')).toEqual([{ metrics: 0 }]);
});

test('a number in the log is its text', async () => {
  const source = moduleStage("(ctx as any).log(5); fs.writeFileSync(ctx.outs['out'] ?? '', 'x');");
  project = toyProject({ odd: { source, yaml: ['outs: { out: file }'] } });
  const { status, stderr } = await project.mlloop(['run']);
  expect(status).toBe(0);
  expect(stderr).toContain('odd    5\n');
});
