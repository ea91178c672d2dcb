import { compareKeys, type KeyChange } from '../cache/key.ts';
import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { type Failure, failure } from '../domain/failure.ts';
import { ancestorsOf, selectStages } from '../graph/select.ts';
import { whyText } from '../report/runs/why-text.ts';
import { attemptOfRun, latestAttempt, type PastAttempt } from '../runlog/attempts.ts';
import { planStages } from '../runner/plan.ts';
import { stageInputs } from '../runner/stage-inputs.ts';
import type { JsonObject } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { CommonOptions, Installation, Io } from './io.ts';
import type { ProjectOptions } from './load-project.ts';
import { foldersOf, refuse } from './project.ts';
import { openReadingBench, type ReadingBench } from './reading-bench.ts';
import { codeFaults } from './workbench.ts';

export interface WhyOptions extends CommonOptions, ProjectOptions {
  /** None: what is in place against now; one: that run against now; two: the one against the other. */
  readonly run?: readonly number[];
  readonly json?: boolean;
}

/** Two states of a stage's key, and the parts in which they differ. */
interface Explanation {
  readonly stage: string;
  /** What a run would do now, and why; undefined where two runs are compared. */
  readonly verdict: string | undefined;
  readonly why: string | undefined;
  readonly before: string;
  readonly after: string;
  readonly changes: readonly KeyChange[];
}

/** `mlloop why STAGE`: which parts of its key differ, and what follows from that. */
export async function whyVerb(
  name: string,
  options: WhyOptions,
  io: Io,
  installation: Installation,
): Promise<ExitCode> {
  if ((options.run ?? []).length > 2) {
    const problem = `--run stands there ${options.run?.length} times, and two runs are compared.`;
    return refuse(io, [failure('USAGE', { problem, next: `Type: npm run mlloop -- why ${name} --run 1 --run 2` })]);
  }
  const opened = await openReadingBench({ folders: foldersOf(options, io), installation, project: options }, io);
  if (!opened.ok) return refuse(io, opened.failure);
  try {
    const explained = await explain(opened.value, name, options.run ?? []);
    if (!explained.ok) return refuse(io, explained.failure);
    io.stdout(options.json ? `${JSON.stringify(explained.value, undefined, 2)}\n` : whyText(explained.value));
    return EXIT.done;
  } finally {
    opened.value.close();
  }
}

async function explain(
  reading: ReadingBench,
  name: string,
  runs: readonly number[],
): Promise<Result<Explanation, readonly Failure[]>> {
  const { bench, context, log } = reading;
  const { stages } = bench.project.pipeline;
  const selected = selectStages(stages, { only: name, from: undefined, to: undefined });
  if (!selected.ok) return err([selected.failure]);
  const [first, second] = runs;
  const earlier = first === undefined ? latestAttempt(log, name) : attemptOfRun(log, name, first);
  if (earlier === undefined) return err([nothingMade(name, first)]);
  const before = `run ${first ?? earlier.run}`;
  if (second !== undefined) {
    const later = attemptOfRun(log, name, second);
    if (later === undefined) return err([nothingMade(name, second)]);
    const changes = compareKeys(earlier.keyParts(), later.keyParts());
    return ok({ stage: name, verdict: undefined, why: undefined, before, after: `run ${second}`, changes });
  }
  const [stage] = selected.value;
  const needed = stages.filter((one) => ancestorsOf(stages, name).has(one.name));
  const faults = codeFaults(bench, needed);
  if (faults.length > 0 || stage === undefined) return err(faults);
  const planned = (await planStages(context, needed, { forced: () => undefined })).find((one) => one.stage === name);
  const inputs = await stageInputs(context, stage, () => undefined);
  if (!inputs.ok) return err([inputs.failure]);
  const { verdict, why } = planned ?? { verdict: 'run', why: '' };
  return ok({ stage: name, verdict, why, before, after: 'now', changes: changesOf(earlier, inputs.value.key.parts) });
}

const changesOf = (earlier: PastAttempt, now: JsonObject): KeyChange[] => compareKeys(earlier.keyParts(), now);

function nothingMade(stage: string, run: number | undefined): Failure {
  const where = run === undefined ? '' : ` in run ${run}`;
  const next = run === undefined ? `Run it with: npm run pipeline -- --to ${stage}` : 'npm run runs lists the runs.';
  return failure('USAGE', {
    problem: `${stage} has made nothing yet${where}, so there is no key to compare with.`,
    next,
  });
}
