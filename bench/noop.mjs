// A run of the eight stages with nothing to do, beside a bare Node, wireit and snakemake.
// Usage: npm run bench -- noop [ROUNDS]
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { home, machine, table } from './measure.mjs';
import { bareCpu, bareNode, inTurns, mlloop, mlloopCpu, ms, settle, timed, withFolder } from './timing.mjs';

const STAGES = ['collect', 'preprocess', 'train', 'optimize', 'evaluate', 'deploy', 'feedback', 'iterate'];

/** The eight stages for wireit: each copies what the one before it made, as in the Snakefile. */
const wireitPackage = () => {
  const scripts = STAGES.map((stage, at) => {
    const before = STAGES[at - 1];
    const command = before === undefined ? `echo ${stage} > out/${stage}.txt` : `cp out/${before}.txt out/${stage}.txt`;
    return [
      stage,
      {
        command: `mkdir -p out && ${command}`,
        dependencies: before === undefined ? [] : [before],
        files: [],
        output: [`out/${stage}.txt`],
      },
    ];
  });
  return JSON.stringify({
    name: 'eight',
    private: true,
    scripts: { all: 'wireit', ...Object.fromEntries(STAGES.map((stage) => [stage, 'wireit'])) },
    wireit: { all: { dependencies: ['iterate'] }, ...Object.fromEntries(scripts) },
  });
};

const SNAKEFILE = join(home, '..', 'shared', 'peers', 'snakemake', 'Snakefile');

const quiet = {
  ...process.env,
  npm_config_update_notifier: 'false',
  npm_config_fund: 'false',
  npm_config_audit: 'false',
};

/** wireit in a folder of its own; undefined where it cannot be installed. */
function prepareWireit(folder) {
  const installed = spawnSync('npm', ['install', '--no-save', '--silent', 'wireit@0.14.13'], {
    cwd: folder,
    env: quiet,
  });
  if (installed.status !== 0) return undefined;
  const run = () => timed('npm', ['run', '-s', 'all'], folder, { ...quiet, WIREIT_LOGGER: 'simple' }).ms;
  run();
  return run;
}

/** snakemake in a folder of its own; undefined where it is not installed. */
function prepareSnakemake(folder) {
  if (!existsSync(SNAKEFILE) || spawnSync('snakemake', ['--version']).status !== 0) return undefined;
  cpSync(SNAKEFILE, join(folder, 'Snakefile'));
  const run = () => timed('snakemake', ['-c1', '-q'], folder).ms;
  run();
  return run;
}

export function bench([count]) {
  const rounds = Number(count ?? 15);
  return withFolder({ 'wireit/package.json': wireitPackage(), 'snakemake/x': '' }, async (folder) => {
    cpSync(join(home, 'stages'), join(folder, 'stages'), { recursive: true });
    cpSync(join(home, 'pipeline.yaml'), join(folder, 'pipeline.yaml'));
    const state = join(folder, 'state');
    const args = ['run', '--profile', 'quick', '--root', folder, '--state', state];
    mlloop(args, folder);
    const peers = {
      'npm run, wireit': prepareWireit(join(folder, 'wireit')),
      snakemake: prepareSnakemake(join(folder, 'snakemake')),
    };
    await settle(() => mlloop(args, folder));
    const alone = inTurns({ 'node -e 0': bareNode(folder), mlloop: () => mlloop(args, folder).ms }, rounds);
    const cpu = inTurns({ bare: bareCpu(folder), mlloop: mlloopCpu(args, folder) }, rounds);
    const here = inTurns(
      {
        'npm run, mlloop': () => timed('npm', ['run', '-s', 'pipeline', '--', ...args.slice(1)], home, quiet).ms,
        ...Object.fromEntries(Object.entries(peers).filter(([, run]) => run !== undefined)),
      },
      Math.max(3, Math.ceil(rounds / 3)),
    );
    const beyond = alone.mlloop - alone['node -e 0'];
    console.log(`eight stages with nothing to do, medians of ${rounds} rounds in turns, ${machine()}`);
    const rows = { ...alone, ...here };
    console.log(
      table([
        ['what', 'took', 'beside mlloop'],
        ...Object.entries(rows).map(([name, took]) => {
          const peer = name in alone ? alone.mlloop : here['npm run, mlloop'];
          return [name, ms(took), `x ${(took / peer).toFixed(2)}`];
        }),
      ]),
    );
    const beyondCpu = cpu.mlloop - cpu.bare;
    console.log(
      `beyond a bare Node: ${ms(beyond)} (target: 60 ms); of CPU time ${ms(beyondCpu)} beyond its ${ms(cpu.bare)}`,
    );
    for (const [name, run] of Object.entries(peers))
      if (run === undefined) console.log(`skipped: ${name} is not to be had here`);
    const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    console.log(JSON.stringify({ bench: 'noop', version, rounds, medianMs: rows, beyondBareMs: beyond, cpuMs: cpu }));
  });
}
