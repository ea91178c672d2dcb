// What a stage that is executed costs beyond its own work: a chain of stages that do nothing.
// Usage: npm run bench -- overhead [ROUNDS]
import { machine, table } from './measure.mjs';
import { bareNode, inTurns, mlloop, ms, settle, withFolder } from './timing.mjs';

const [FEW, MANY] = [1, 9];

const MODULE = `import { writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
export default defineStage({
  params: { type: 'object' },
  async run(ctx) {
    writeFileSync(ctx.outs.out, ctx.stage);
  },
});
`;

const chain = (count, action) =>
  `name: chain\nseed: 1\nstages:\n${Array.from({ length: count }, (_, at) => {
    const deps = at === 0 ? '' : `, deps: { in: s${at - 1}.out }`;
    return `  s${at}: { ${action}${deps}, outs: { out: file } }\n`;
  }).join('')}`;

const ACTIONS = {
  module: 'run: stages/step.ts',
  program: `cmd: [sh, -c, 'echo "$0" > "$1"', "{params.x}", "{outs.out}"], params: { x: 1 }`,
};

export async function bench([count]) {
  const rounds = Number(count ?? 9);
  const found = {};
  for (const [kind, action] of Object.entries(ACTIONS)) {
    const files = {};
    for (const stages of [FEW, MANY]) {
      files[`${stages}/pipeline.yaml`] = chain(stages, action);
      files[`${stages}/stages/step.ts`] = MODULE;
    }
    found[kind] = await withFolder(files, async (folder) => {
      const run = (stages) => () => mlloop(['run', '--force'], `${folder}/${stages}`).ms;
      await settle(() => [run(FEW)(), run(MANY)()]);
      return inTurns({ bare: bareNode(folder), few: run(FEW), many: run(MANY) }, rounds);
    });
  }
  const perStage = ({ few, many }) => (many - few) / (MANY - FEW);
  console.log(`an executed stage beyond its own work, medians of ${rounds} rounds, ${machine()}`);
  console.log(
    table([
      ['stage', 'took', 'bare Node', 'beyond it'],
      ...Object.entries(found).map(([kind, row]) => [
        kind,
        ms(perStage(row)),
        ms(row.bare),
        ms(perStage(row) - row.bare),
      ]),
    ]),
  );
  console.log('target: at most 60 ms beyond a bare Node');
  const rows = Object.entries(found).map(([kind, row]) => ({
    kind,
    stageMs: perStage(row),
    bareMs: row.bare,
    beyondMs: perStage(row) - row.bare,
  }));
  console.log(JSON.stringify({ bench: 'overhead', rounds, rows }));
}
