import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure, formatFailure } from '../domain/failure.ts';
import { systemClock } from '../util/clock.ts';
import { sourceStack } from '../util/source-stack.ts';
import { defineFeedback } from './feedback-commands.ts';
import type { Installation, Io } from './io.ts';
import { correctedLine } from './npm-flags.ts';
import { createOutput } from './output.ts';
import { refuse } from './project.ts';
import { defineRegistry } from './registry-commands.ts';
import { defineServe } from './serve-options.ts';
import { defineState } from './state-commands.ts';
import { packageVersion } from './version.ts';

/** The program: reads the command line, runs one verb, and sets the exit status. */
export async function main(installation: Installation): Promise<void> {
  const abort = new AbortController();
  const atOnce: (() => void)[] = [];
  const interrupt = createInterrupt(abort, atOnce);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  const [stdout, stderr] = [createOutput(process.stdout), createOutput(process.stderr)];
  const io: Io = {
    stdout: stdout.write,
    stderr: stderr.write,
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    signal: abort.signal,
    onAtOnce: (act) => atOnce.push(act),
    isLive: process.stderr.isTTY === true && !isPlain(process.env),
    columns: process.stderr.columns ?? 100,
    room: process.stdout.isTTY === true ? process.stdout.columns : undefined,
  };
  try {
    process.exitCode = await runProgram(process.argv.slice(2), { io, installation });
  } catch (error) {
    process.exitCode = refuse(io, [unexpected(error)]);
  }
  const problem = await stdout.settled();
  if (problem !== undefined) {
    const exitCode = refuse(io, [failure('USAGE_OUTPUT', { problem })]);
    process.exitCode ||= exitCode;
  }
  await stderr.settled();
}

/** What the operating system will not do with a path: whoever named it, or owns it, has to see to it. */
const REFUSALS: readonly string[] = [
  ...['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'],
  ...['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ETXTBSY'],
];

/** A damaged log may be met wherever it is read, and a refusal of the system anywhere; whatever else nobody has handled is a bug. */
function unexpected(error: unknown): Failure {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(String(code))) return failure('RUNLOG_DAMAGED', { problem: message });
  if (syscall !== undefined && REFUSALS.includes(String(code))) return failure('SYSTEM_REFUSED', { problem: message });
  return failure('INTERNAL', { message, stack: sourceStack(stack) });
}

/** npm passes a Ctrl-C on that the terminal has sent already: what comes this soon is the same one. */
const ECHO_MS = 400;

/** The first time politely; the second time at once. */
function createInterrupt(abort: AbortController, atOnce: readonly (() => void)[]): () => void {
  const echoMs = process.env['npm_lifecycle_event'] === undefined ? 0 : ECHO_MS;
  let firstMs: number | undefined;
  return () => {
    const nowMs = systemClock.elapsed();
    if (firstMs !== undefined && nowMs - firstMs > echoMs) {
      for (const act of atOnce) act();
      process.exit(EXIT.interrupted);
    }
    firstMs ??= nowMs;
    abort.abort();
  };
}

const isPlain = (env: Io['env']): boolean =>
  [env['CI'], env['NO_COLOR']].some((value) => value !== undefined && value !== '');

interface Program {
  readonly io: Io;
  readonly installation: Installation;
}

async function runProgram(argv: readonly string[], { io, installation }: Program): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const command = defineCommands({ io, installation }, (code) => {
    exitCode = code;
  });
  const swallowed = swallowedOptions(command, argv, io);
  if (swallowed !== undefined) {
    io.stderr(`${formatFailure(failure('USAGE_MISSING_DASHES', { corrected: swallowed }))}\n`);
    return EXIT.usage;
  }
  try {
    await command.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    throw error;
  }
}

function swallowedOptions(program: Command, argv: readonly string[], io: Io): string | undefined {
  const verb = program.commands.find((command) => command.name() === argv[0]);
  if (verb === undefined) return undefined;
  const options = Object.fromEntries(
    verb.options.map((option) => [option.long?.slice(2) ?? '', option.required || option.optional]),
  );
  // What the script itself puts on the line was not typed.
  const script = (io.env['npm_lifecycle_script'] ?? '').split(' ');
  const scripted = script.slice(script.findIndex((word) => /(^|\/)mlloop(\.mjs)?$/.test(word)) + 1);
  const args = argv.slice(argv.slice(0, scripted.length).join(' ') === scripted.join(' ') ? scripted.length : 1);
  return correctedLine({ env: io.env, args, options });
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

const collectNumbers = (value: string, before: readonly number[] | undefined): readonly number[] => [
  ...(before ?? []),
  positiveInteger(value),
];

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It has to be a whole number from 1.');
  return value;
}

function defineCommands({ io, installation }: Program, done: (code: ExitCode) => void): Command {
  const program = new Command('mlloop')
    .description(
      'The machine-learning loop: collect, preprocess, train, optimize, evaluate, deploy, feedback, iterate.',
    )
    .version(packageVersion(installation.home))
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr });
  const verb = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .exitOverride()
      .option('--root <dir>', 'the folder that holds pipeline.yaml', undefined)
      .option('--state <dir>', 'the folder for runs.db and artifacts/ (default: the root)');
  const overrides = (command: Command): Command =>
    command
      .option('--set <path=value>', 'override a param, as in train.params.epochs=3; may be repeated', collect)
      .option('--profile <name>', 'apply a profile of pipeline.yaml');
  const workers = new Option('--workers <n>', 'worker processes for a search (default: one a core)').argParser(
    positiveInteger,
  );
  const selection = (command: Command): Command =>
    overrides(command)
      .option('--only <stage>', 'look at this stage alone')
      .option('--from <stage>', 'start at this stage, on the outs that are there')
      .option('--to <stage>', 'stop after this stage')
      .option('--force [stage]', 'execute the stage, or every stage, whatever is in place');

  program.commandsGroup('Run:');
  selection(verb('run', 'run what must run'))
    .option('--jobs <n>', 'stages at once (default: one a core)', positiveInteger)
    .option('--keep-going', 'after a failure, go on with what does not need it')
    .option('--shuffle <seed>', 'begin stages that are ready in another order', positiveInteger)
    .option('--wait', 'wait for another run in this folder to end')
    .option('--override <reason>', 'put the model live whatever the gates say; the reason stands in the ledger')
    .addOption(workers)
    .action(async (options) => done(await (await import('./run-verb.ts')).runVerb(options, io, installation)));
  overrides(verb('stage [stage]', 'execute one stage, always, on the outs that are there'))
    .option('--inspect', 'stop at its first line for a debugger')
    .option('--wait', 'wait for another run in this folder to end')
    .option('--override <reason>', 'put the model live whatever the gates say; the reason stands in the ledger')
    .addOption(workers)
    .action(async (name: string | undefined, options) =>
      done(await (await import('./run-verb.ts')).stageVerb(name, options, io, installation)),
    );
  overrides(verb('retrain', 'decide from the log whether to retrain, and do it where it is worth it'))
    .option('--if-needed', 'only where a rule of `retrain:` in pipeline.yaml asks for it')
    .option('--force', 'whatever cooldown and promotions say; needs a reason')
    .option('--reason <text>', 'why, for the log')
    .option('--bootstrap', 'make the first runs.db where there is none')
    .option('--jobs <n>', 'stages at once (default: one a core)', positiveInteger)
    .addOption(workers)
    .option('--wait', 'wait for another run in this folder to end')
    .option('--json', 'the result as JSON')
    .option('--summary <file>', 'also write the summary there, as Markdown')
    .action(async (options) => done(await (await import('./retrain-verb.ts')).retrainVerb(options, io, installation)));
  selection(verb('plan', 'tell what a run would do, and why'))
    .option('--check', 'exit with 5 when there is work')
    .option('--json', 'as JSON')
    .action(async (options) => done(await (await import('./plan-verb.ts')).planVerb(options, io, installation)));
  overrides(verb('why <stage>', 'show which parts of its key differ: from what is in place, or between runs'))
    .option('--run <n>', 'compare this run; given twice, the one with the other', collectNumbers)
    .option('--json', 'as JSON')
    .action(async (stage: string, options) =>
      done(await (await import('./why-verb.ts')).whyVerb(stage, options, io, installation)),
    );
  overrides(verb('check', 'check pipeline.yaml and every stage’s params'))
    .option('--schema <file>', 'also write the JSON schema for editors, with every stage’s params in it')
    .action(async (options) => done(await (await import('./check-verb.ts')).checkVerb(options, io, installation)));
  program.commandsGroup('What is on record:');
  verb('runs', 'list the runs on record')
    .option('--json', 'as JSON')
    .option('--limit <n>', 'how many, newest first', positiveInteger)
    .action(async (options) => done((await import('./log-verbs.ts')).runsVerb(options, io)));
  verb('show [run]', 'show one run: stages, params, metrics, trials, gates, artifacts (default: the last)')
    .option('--json', 'as JSON')
    .action(async (run: string | undefined, options) =>
      done((await import('./log-verbs.ts')).showVerb(run, options, io)),
    );
  verb('compare <runs...>', 'compare runs: params that differ, metrics with the better one marked')
    .option('--json', 'as JSON')
    .action(async (runs: string[], options) => done((await import('./log-verbs.ts')).compareVerb(runs, options, io)));
  verb('logs <stage>', 'print the log of a stage’s last execution')
    .option('--run <run>', 'of this run')
    .action(async (stage: string, options) => done((await import('./log-verbs.ts')).logsVerb(stage, options, io)));
  overrides(verb('verify <stage>', 'execute a stage again under the same key: are the bytes the same?'))
    .option('--wait', 'wait for another run in this folder to end')
    .addOption(workers)
    .action(async (name: string, options) =>
      done(await (await import('./verify-verb.ts')).verifyVerb(name, options, io, installation)),
    );
  verb('restore <run>', 'lay out a run, or the run of a model version (v3), in a folder, so that it runs there')
    .requiredOption('--into <dir>', 'a folder that does not exist yet, or is empty')
    .option('--line <name>', 'the line of models, where several have this version')
    .action(async (what: string, options) =>
      done(await (await import('./restore-verb.ts')).restoreVerb(what, options, io, installation)),
    );
  program.commandsGroup('Ask the model, and hear what people say:');
  verb('predict <files...>', 'ask the champion about images or dataset folders')
    .option('--out <file>', 'write the answers there as CSV (default: stdout)')
    .option('--line <name>', 'the line of models to ask (default: the pipeline’s own)')
    .action(async (files: string[], options) =>
      done(await (await import('./predict-verb.ts')).predictVerb(files, options, io, installation)),
    );
  defineServe(verb, async (options) =>
    done(await (await import('./serve-verb.ts')).serveVerb(options, io, installation)),
  );
  defineFeedback({ verb, io, done });
  verb('forget <ids...>', 'take predictions out of the log: their inputs, answers and labels').action(
    async (ids: string[], options) => done((await import('./forget-verb.ts')).forgetVerb(ids, options, io)),
  );
  program.commandsGroup('Models:');
  defineRegistry({ verb, io, installation, done, positiveInteger, collect });
  program.commandsGroup('The folder:');
  defineState({ verb, io, done, positiveInteger });
  verb('gc', 'free what no kept run, version or alias needs, and what waited too long for a label')
    .option('--dry-run', 'only say what would be freed')
    .option('--json', 'as JSON')
    .option('--wait', 'wait for another run in this folder to end')
    .action(async (options) => done(await (await import('./gc-verb.ts')).gcVerb(options, io)));
  verb('doctor', 'look at the machine, the log and the store; changes nothing')
    .option('--quick', 'look whether objects are there, and do not read them')
    .option('--json', 'as JSON')
    .action(async (options) => done(await (await import('./doctor-verb.ts')).doctorVerb(options, io, installation)));
  program.helpCommand('help [command]', 'tell the options of a verb');
  return program;
}
