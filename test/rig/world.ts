import { statSync, utimesSync } from 'node:fs';
import { stageSeed } from '../../lib/runner/stage-key.ts';
import { createRng } from '../../lib/util/rng.ts';
import type { Project } from './project.ts';

/** A stage whose out is a number from 0 to 3: so few that another input often gives the same bytes. */
export interface StageSpec {
  readonly kind: 'module' | 'program';
  readonly add: number;
  /** Value of an environment variable; undefined for none. */
  readonly env: number | undefined;
  /** Stages before it, by index. */
  readonly deps: readonly number[];
  readonly files: readonly number[];
  /** Modules it imports; programs have none. */
  readonly helpers: readonly number[];
}

/** Everything a person can change, as numbers. */
export interface World {
  readonly stages: readonly StageSpec[];
  /** Two digits each, so that every edit leaves the size as it was. */
  readonly files: readonly number[];
  readonly helpers: readonly number[];
  readonly seed: number;
  /** How things are written down: the order of keys, comments, white space. Means nothing. */
  readonly style: number;
}

export const nameOf = (stage: number): string => `s${stage}`;

/** What a stage reads, by value: all of it is in its key, and nothing else. */
export interface Inputs {
  readonly key: string;
  readonly out: number;
}

/** What a stage would be keyed by and make, on these outs of the stages before it; worked out without the program. */
export function inputsOf(world: World, index: number, outOf: (stage: number) => number): Inputs {
  const stage = world.stages[index] as StageSpec;
  const files = stage.files.map((file) => [file, world.files[file] ?? 0] as const);
  const deps = stage.deps.map((dep) => [dep, outOf(dep)] as const);
  const helpers = stage.kind === 'module' ? stage.helpers.map((one) => [one, world.helpers[one] ?? 0] as const) : [];
  const luck = stage.kind === 'module' ? stageSeed(world.seed, nameOf(index)) % 2 : 0;
  const terms = [stage.add, stage.env ?? 0, luck, ...[...files, ...deps, ...helpers].map(([, value]) => value)];
  return {
    key: JSON.stringify([stage.kind, stage.add, stage.env ?? null, world.seed, files, deps, helpers]),
    out: terms.reduce((sum, term) => sum + term, 0) % 4,
  };
}

/** What every stage makes when all of it is made from nothing. */
export function outsOf(world: World): readonly number[] {
  const outs: number[] = [];
  for (const index of world.stages.keys()) outs.push(inputsOf(world, index, (stage) => outs[stage] ?? 0).out);
  return outs;
}

const PROGRAM = `# Adds up.
sum=$1
out=$2
shift 2
for file in "$@"; do sum=$((sum + $(cat "$file"))); done
printf '%s' $(((sum + \${ADD:-0}) % 4)) > "$out"
`;

function moduleText({ helpers }: StageSpec, style: number): string {
  const comment = `// Said in another way: ${style}.\n`;
  const gap = ' '.repeat(style % 3);
  return `${comment}import { readFileSync, writeFileSync } from 'node:fs';
import { defineStage } from 'mlloop/stage/define-stage';
${helpers.map((one) => `import { helper${one} } from '../shared/h${one}${style % 2 === 0 ? '.ts' : '.js'}';`).join('\n')}
export default defineStage({
  params: { type: 'object', properties: { add: { type: 'integer' } } },
  async run(ctx) {${gap}
    ${comment}    const read = Object.values(ctx.deps).map((path) => Number(readFileSync(path, 'utf8')));
    const terms = [ctx.params.add, Number(process.env.ADD ?? 0), ctx.seed${gap} % 2, ...read${helpers.map((one) => `, helper${one}`).join('')}];
    writeFileSync(ctx.outs.out, String(terms.reduce((sum, term) => sum + term, 0) % 4));
  },
});
`;
}

/** The same YAML in an order, and with comments, that the style decides. */
function yamlText({ stages, seed, style }: World): string {
  const rng = createRng(style);
  const reordered = (items: readonly string[]): string[] =>
    [...rng.shuffle(Int32Array.from(items.keys()))].flatMap((at) => items[at] ?? []);
  const shuffled = (lines: readonly string[]): string => reordered(lines).join('');
  const entries = (pairs: readonly (readonly [string, string | number])[], indent: string): string =>
    rng.next() < 0.5
      ? `{ ${reordered(pairs.map(([name, value]) => `${name}: ${value}`)).join(', ')} }\n`
      : `\n${shuffled(pairs.map(([name, value]) => `${indent}${name}:   ${value}\n`))}`;
  const stageText = (stage: StageSpec, index: number): string => {
    const deps = [
      ...stage.deps.map((dep) => [`d${dep}`, `${nameOf(dep)}.out`] as const),
      ...stage.files.map((file) => [`f${file}`, `./data/f${file}.txt`] as const),
      ...(stage.kind === 'program' ? [['zcode', './add.sh'] as const] : []),
    ];
    const args = [...stage.deps.map((dep) => `d${dep}`), ...stage.files.map((file) => `f${file}`)];
    const cmd = ['sh', 'add.sh', '"{params.add}"', '"{outs.out}"', ...args.map((name) => `"{deps.${name}}"`)];
    const parts = [
      stage.kind === 'module' ? `    run: stages/${nameOf(index)}.ts\n` : `    cmd: [${cmd.join(', ')}]\n`,
      `    params: ${entries([['add', stage.add]], '      ')}`,
      `    outs: ${entries([['out', 'json']], '      ')}`,
    ];
    if (deps.length > 0) parts.push(`    deps: ${entries(deps, '      ')}`);
    if (stage.env !== undefined) parts.push(`    env: { ADD: "${stage.env}" }${style % 2 === 0 ? ' # more' : ''}\n`);
    return `  ${nameOf(index)}:\n${shuffled(parts)}`;
  };
  const body = `stages:\n${shuffled(stages.map(stageText))}`;
  return `# Style ${style}.\n${shuffled(['name: world\n', `seed: ${seed}\n`, body])}`;
}

/** Writes what differs from before, with its old time where it has as many bytes. */
export function writeWorld(project: Project, world: World, before: ReadonlyMap<string, string>): Map<string, string> {
  const texts = new Map<string, string>([
    ['add.sh', PROGRAM],
    ['pipeline.yaml', yamlText(world)],
    ...world.files.map((value, file) => [`data/f${file}.txt`, String(value)] as const),
    ...world.helpers.map((value, one) => [`shared/h${one}.ts`, `export const helper${one} = ${value};\n`] as const),
    ...world.stages.flatMap((stage, index) =>
      stage.kind === 'module' ? [[`stages/${nameOf(index)}.ts`, moduleText(stage, world.style)] as const] : [],
    ),
  ]);
  for (const [file, text] of texts) {
    const old = before.get(file);
    if (old === text) continue;
    const stats = old?.length === text.length ? statSync(project.path(file)) : undefined;
    project.write(file, text);
    if (stats !== undefined) utimesSync(project.path(file), stats.atime, stats.mtime);
  }
  return texts;
}
