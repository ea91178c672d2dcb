// Many stages with nothing to do: time and memory by their number.
// Usage: npm run bench -- stages [ROUNDS]
import { machine, table } from './measure.mjs';
import { bareNode, inTurns, mlloop, mlloopCpu, ms, program, settle, used, withFolder } from './timing.mjs';

const COUNTS = [1, 250, 500, 1000];

const SH = 'cp "$1" "$2" 2>/dev/null || echo start > "$2"\n';

/** A tree of programs: each reads what another one made. */
const wide = (count) =>
  [
    'name: many',
    'seed: 1',
    'stages:',
    ...Array.from({ length: count }, (_, at) => {
      const dep = at === 0 ? '' : `, in: s${(at - 1) >> 3}.out`;
      const read = at === 0 ? 'nothing' : '{deps.in}';
      return `  s${at}: { cmd: [sh, step.sh, "${read}", "{outs.out}"], deps: { code: ./step.sh${dep} }, outs: { out: file } }`;
    }),
    '',
  ].join('\n');

async function measure(count, rounds) {
  return withFolder({ 'pipeline.yaml': wide(count), 'step.sh': SH }, async (folder) => {
    mlloop(['run'], folder);
    await settle(() => mlloop(['run'], folder));
    const run = () => mlloop(['run'], folder).ms;
    const took = inTurns({ bare: bareNode(folder), run, cpu: mlloopCpu(['run'], folder) }, rounds);
    return { count, ...took, megabytes: used([program, 'run'], folder).megabytes };
  });
}

export async function bench([count]) {
  const rounds = Number(count ?? 9);
  const found = [];
  for (const stages of COUNTS) found.push(await measure(stages, rounds));
  const [base] = found;
  const perStage = (row) => (row.run - row.bare - (base.run - base.bare)) / (row.count - base.count);
  const cpuPerStage = (row) => (row.cpu - base.cpu) / (row.count - base.count);
  console.log(`stages with nothing to do, medians of ${rounds} rounds, ${machine()}`);
  console.log(
    table([
      ['stages', 'run', 'bare Node', 'a stage more', 'of CPU time', 'peak memory'],
      ...found.map((row) => [
        row.count,
        ms(row.run),
        ms(row.bare),
        row === base ? '' : `${perStage(row).toFixed(3)} ms`,
        row === base ? '' : `${cpuPerStage(row).toFixed(3)} ms`,
        `${row.megabytes.toFixed(0)} MB`,
      ]),
    ]),
  );
  const rows = found.map((row) => ({
    ...row,
    perStageMs: row === base ? null : perStage(row),
    cpuPerStageMs: row === base ? null : cpuPerStage(row),
  }));
  console.log(JSON.stringify({ bench: 'stages', rounds, rows }));
}
