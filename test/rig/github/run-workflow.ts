import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Contexts, fill, holds } from './expression.ts';
import type { ArtifactStore } from './store.ts';

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly shell?: string;
}

interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export const readWorkflow = (file: string): Workflow => parse(readFileSync(file, 'utf8')) as Workflow;

export interface WorkflowCall {
  readonly workflow: Workflow;
  /** The run's number in the repository. */
  readonly run: number;
  readonly contexts: Contexts;
  readonly artifacts: ArtifactStore;
  /** Makes the folder a job works in, as checkout does. */
  readonly checkOut: () => string;
  /** What every step's environment holds beside its own. */
  readonly env: Readonly<Record<string, string>>;
}

export interface JobOutcome {
  readonly result: 'success' | 'failure' | 'skipped';
  readonly outputs: Readonly<Record<string, string>>;
  /** What its steps printed. */
  readonly log: string;
  readonly summary: string;
}

/** Runs the jobs of a workflow one after the other: `run:` by the shell GitHub takes, actions by what they do to files. */
export function runWorkflow(call: WorkflowCall): Record<string, JobOutcome> {
  const done: Record<string, JobOutcome> = {};
  for (const [name, job] of Object.entries(call.workflow.jobs)) {
    const needs = Object.fromEntries([job.needs].flatMap((one) => (one === undefined ? [] : [[one, done[one]]])));
    const isWell = Object.values(needs).every((one) => one?.result === 'success');
    const contexts = { ...call.contexts, needs, env: { ...call.workflow.env } };
    done[name] = holds(job.if, contexts, isWell)
      ? runJob(job, contexts, call)
      : { result: 'skipped', outputs: {}, log: '', summary: '' };
  }
  return done;
}

function runJob(job: Job, contexts: Contexts, call: WorkflowCall): JobOutcome {
  const workspace = call.checkOut();
  const files = mkdtempSync(join(workspace, '..', 'job-'));
  const summaryFile = join(files, 'summary.md');
  writeFileSync(summaryFile, '');
  const steps: Record<string, { readonly outcome: string; readonly outputs: Readonly<Record<string, string>> }> = {};
  let isWell = true;
  let log = '';
  for (const [at, step] of job.steps.entries()) {
    const here = { ...contexts, steps };
    const runs = holds(step.if, here, isWell);
    const outputFile = join(files, `outputs-${at}`);
    writeFileSync(outputFile, '');
    const env = { ...filled(call.workflow.env, here), ...filled(job.env, here), ...filled(step.env, here) };
    const ended = runs
      ? runStep(step, here, { ...call, workspace, files, env: { ...call.env, ...env }, outputFile, summaryFile })
      : { status: 0, log: '' };
    log += ended.log;
    if (ended.status !== 0) isWell = false;
    const outcome = !runs ? 'skipped' : ended.status === 0 ? 'success' : 'failure';
    if (step.id !== undefined) steps[step.id] = { outcome, outputs: readOutputs(readFileSync(outputFile, 'utf8')) };
  }
  const outputs = filled(job.outputs, { ...contexts, steps });
  const summary = readFileSync(summaryFile, 'utf8');
  rmSync(workspace, { recursive: true, force: true });
  rmSync(files, { recursive: true, force: true });
  return { result: isWell ? 'success' : 'failure', outputs, log, summary };
}

const filled = (texts: Readonly<Record<string, string>> = {}, contexts: Contexts): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(String(text), contexts)]));

interface StepCall extends WorkflowCall {
  readonly workspace: string;
  readonly files: string;
  readonly outputFile: string;
  readonly summaryFile: string;
}

function runStep(step: Step, contexts: Contexts, call: StepCall): { readonly status: number; readonly log: string } {
  if (step.uses !== undefined) return { status: useAction(step, contexts, call), log: '' };
  // The packages are there: installing them takes a minute and is not what is shown here.
  if (step.run === 'npm ci') return { status: existsSync(join(call.workspace, 'node_modules')) ? 0 : 1, log: '' };
  const script = join(call.files, 'script.sh');
  writeFileSync(script, fill(step.run ?? '', contexts));
  // The lines GitHub starts both with.
  const shell = step.shell === 'bash' ? ['--noprofile', '--norc', '-eo', 'pipefail', script] : ['-e', script];
  const { status, stdout, stderr } = spawnSync('bash', shell, {
    cwd: call.workspace,
    encoding: 'utf8',
    env: { ...call.env, GITHUB_OUTPUT: call.outputFile, GITHUB_STEP_SUMMARY: call.summaryFile },
  });
  return { status: status ?? 1, log: `${stdout}${stderr}` };
}

function useAction({ uses = '', with: given = {} }: Step, contexts: Contexts, call: StepCall): number {
  const value = (name: string): string => fill(String(given[name] ?? ''), contexts);
  const [action] = uses.split('@');
  switch (action) {
    case 'actions/checkout':
    case 'actions/setup-node':
    case 'actions/cache':
      return 0;
    case 'actions/upload-artifact': {
      const paths = value('path').trim().split(/\s+/);
      const taken = call.artifacts.put(call.run, value('name'), call.workspace, paths);
      return taken === 0 && value('if-no-files-found') === 'error' ? 1 : 0;
    }
    case 'actions/download-artifact':
      if (!call.artifacts.names(call.run).includes(value('name'))) return 1;
      mkdirSync(join(call.workspace, value('path')), { recursive: true });
      call.artifacts.get(call.run, value('name'), join(call.workspace, value('path')));
      return 0;
    default:
      throw new Error(`nothing says what ${uses} does`);
  }
}

/** `name=value` and `name<<END … END`, as steps write them. */
function readOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [, name = '', end = '', block = '', plain = '', value = ''] of text.matchAll(
    /^(?:(\w+)<<(.+)\n([\s\S]*?)\n\2|(\w+)=(.*))$/gm,
  )) {
    outputs[end === '' ? plain : name] = end === '' ? value : block;
  }
  return outputs;
}
