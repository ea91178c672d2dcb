import { createProject, type Project } from './project.ts';

/** A stage of a few lines, which may use `readFileSync` and `writeFileSync`. */
export const toyStage = (body: string, more = ''): string => `import { readFileSync, writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
import { Type } from 'typebox';
export default defineStage({
  params: Type.Object({ word: Type.Optional(Type.String()) }),${more}
  async run(ctx) {
    ${body}
  },
});
`;

const PIPELINE = `name: toy
seed: 1
stages:
  first:
    run: stages/first.ts
    deps: { notes: ./notes.txt }
    params: { word: hello } # what is said
    outs: { text: file }
  second:
    run: stages/second.ts
    deps: { text: first.text }
    outs: { copies: folder }
`;

const FIRST = toyStage(
  "writeFileSync(ctx.outs.text ?? '', `${ctx.params.word} ${readFileSync(ctx.deps.notes ?? '', 'utf8')}`);",
);
const SECOND = toyStage(`const text = readFileSync(ctx.deps.text ?? '', 'utf8');
    writeFileSync(\`\${ctx.outs.copies}/a.txt\`, text);
    writeFileSync(\`\${ctx.outs.copies}/b.txt\`, \`\${text} and \${text}\`);`);

/** Two small stages: a file from a path of the project and a param, then a folder made of it. */
export const twoStageProject = (files: Readonly<Record<string, string>> = {}): Project =>
  createProject({
    'pipeline.yaml': PIPELINE,
    'stages/first.ts': FIRST,
    'stages/second.ts': SECOND,
    'notes.txt': 'world',
    ...files,
  });

const SHIPPING = `name: toy
seed: 1
stages:
  make:
    run: stages/make.ts
    deps: { notes: { first: [$NOTES, ./data/notes.txt] } }
    params: { word: hello } # what is said
    outs: { model: model }
  ship:
    run: stages/ship.ts
    deps: { model: make.model }
    outs: { release: json }
profiles:
  loud: { make.params.word: HELLO }
`;

const MAKE = toyStage(`writeFileSync(\`\${ctx.outs.model}/model.json\`, JSON.stringify(ctx.params.word));
    writeFileSync(\`\${ctx.outs.model}/weights.bin\`, readFileSync(ctx.deps.notes ?? ''));`);
const SHIP = toyStage(
  `await ctx.ask('champion', { line: 'toy' });
    ctx.effect({ kind: 'deploy', line: 'toy', dep: 'model', metrics: {}, reason: 'made' });
    writeFileSync(ctx.outs.release ?? '', readFileSync(\`\${ctx.deps.model}/model.json\`));`,
  "\n  reads: ['champion'],\n  effects: true,",
);

/** Two small stages: a model made of a file and a param, and the version it is registered as. */
export const shippingProject = (files: Readonly<Record<string, string>> = {}): Project =>
  createProject({
    'pipeline.yaml': SHIPPING,
    'stages/make.ts': MAKE,
    'stages/ship.ts': SHIP,
    'data/notes.txt': 'a note',
    ...files,
  });
