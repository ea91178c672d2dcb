import { cpSync, mkdirSync } from 'node:fs';
import { createProject, type Project } from './project.ts';

const PIPELINE = `name: toy
seed: 7
stages:
  make:
    run: stages/make.ts
    deps: { input: ./input.txt }
    params: { times: 3 }
    outs: { numbers: json, text: file, pages: folder }
  shout:
    cmd: [node, shout.mjs, "{deps.text}", "{outs.loud}"]
    deps: { text: make.text, code: ./shout.mjs }
    outs: { loud: file }
  fit:
    run: stages/fit.ts
    deps: { numbers: make.numbers }
    outs: { model: model }
  release:
    run: stages/release.ts
    deps: { model: fit.model }
    outs: { release: json }
  report:
    run: stages/report.ts
    deps: { release: release.release, loud: shout.loud, pages: make.pages }
    outs: { page: html }
`;

const MAKE = `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
export default defineStage({
  params: { type: 'object', properties: { times: { type: 'integer' } }, additionalProperties: false },
  async run(ctx) {
    const input = readFileSync(ctx.deps.input, 'utf8');
    writeFileSync(ctx.outs.numbers, JSON.stringify(Array.from({ length: ctx.params.times }, (_, at) => at + input.length)));
    writeFileSync(ctx.outs.text, input.repeat(ctx.params.times));
    mkdirSync(ctx.outs.pages + '/deep');
    for (const name of ['one', 'deep/two']) writeFileSync(ctx.outs.pages + '/' + name, name + input);
    ctx.metric('length', input.length);
  },
});
`;

const SHOUT = `import { readFileSync, writeFileSync } from 'node:fs';
writeFileSync(process.argv[3], readFileSync(process.argv[2], 'utf8').toUpperCase());
`;

const FIT = `import { readFileSync, writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
export default defineStage({
  params: { type: 'object' },
  async run(ctx) {
    writeFileSync(ctx.outs.model + '/model.json', readFileSync(ctx.deps.numbers, 'utf8'));
    const card = { format: 'mlloop-model', version: 1, classes: ['no', 'yes'] };
    writeFileSync(ctx.outs.model + '/mlloop.json', JSON.stringify(card));
    writeFileSync(ctx.outs.model + '/weights.bin', new Uint8Array(5000).fill(ctx.seed % 256));
  },
});
`;

const RELEASE = `import { readFileSync, writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
export default defineStage({
  params: { type: 'object' },
  reads: ['champion'],
  effects: true,
  async run(ctx) {
    await ctx.ask('champion', { line: 'toy' });
    ctx.effect({ kind: 'deploy', line: 'toy', dep: 'model', metrics: { accuracy: 0.9 }, reason: 'a toy' });
    writeFileSync(ctx.outs.release, JSON.stringify({ model: readFileSync(ctx.deps.model + '/model.json', 'utf8') }));
  },
});
`;

const REPORT = `import { readFileSync, writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
export default defineStage({
  params: { type: 'object' },
  async run(ctx) {
    const parts = [ctx.deps.release, ctx.deps.loud, ctx.deps.pages + '/deep/two'].map((path) => readFileSync(path, 'utf8'));
    writeFileSync(ctx.outs.page, '<pre>' + parts.join('\\n') + '</pre>');
  },
});
`;

/**
 * Five stages that take a moment each: outs of every shape, a program, and one that registers a model. It has a node_modules
 * of its own, so that the runnable copies of its stages lie in it.
 */
export function fiveStageProject(): Project {
  const project = createProject({
    'pipeline.yaml': PIPELINE,
    'input.txt': 'some words\n',
    'shout.mjs': SHOUT,
    'stages/make.ts': MAKE,
    'stages/fit.ts': FIT,
    'stages/release.ts': RELEASE,
    'stages/report.ts': REPORT,
  });
  mkdirSync(project.path('node_modules'));
  return project;
}

/** Changes code, input and params, so that every stage has to make something else. */
export function changeEveryStage(project: Project): void {
  project.write('input.txt', 'other words entirely\n');
  project.write('stages/fit.ts', FIT.replace('5000', '6000'));
  project.write('pipeline.yaml', PIPELINE.replace('times: 3', 'times: 4'));
}

/** The same project with all it remembers, in another folder. */
export function copyOfProject(project: Project, parent?: string): Project {
  const copy = createProject({}, parent);
  cpSync(project.root, copy.root, { recursive: true, verbatimSymlinks: true });
  return copy;
}
