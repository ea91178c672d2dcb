import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf } from '../cache/content.ts';
import { differencesOf } from '../cache/differences.ts';
import { compareKeys, explainChanges, type Key } from '../cache/key.ts';
import { type Failure, failure } from '../domain/failure.ts';
import type { Stage } from '../domain/pipeline.ts';
import { attemptsWithKey, latestAttempt, type PastAttempt } from '../runlog/attempts.ts';
import { processorOf } from '../runlog/runs.ts';
import type { Sha256 } from '../util/hash.ts';
import { err, ok, type Result } from '../util/result.ts';
import { NO_MEMO } from './attempt-memo.ts';
import { settingsOf } from './commands.ts';
import { whatChanged } from './commit.ts';
import { executeStage } from './execute.ts';
import { logTail } from './log-tail.ts';
import type { RunnerContext } from './runner-context.ts';
import { hasEffects, readsOf } from './stage-code.ts';
import { type StageInputs, stageInputs } from './stage-inputs.ts';

/** An execution that made the same bytes again. */
export interface Verified {
  /** The run whose outs it was compared with. */
  readonly run: number;
  readonly outs: readonly { readonly name: string; readonly files: number; readonly sizeBytes: number }[];
  readonly durationMs: number;
}

export interface Unverified {
  readonly failure: Failure;
  /** The last lines of its log, where the execution itself failed. */
  readonly logTail: readonly string[];
  readonly logFile: string | undefined;
}

export interface VerifyOptions {
  /** This machine's kind of processor. */
  readonly processor: string;
  /** Told when the execution begins. */
  readonly onStart: (run: number) => void;
}

/**
 * Executes a stage again under the key its outs were made under and compares what it makes with them, byte for byte. Nothing
 * of it is kept: no row, no effect, no out. The caller holds the run lock.
 */
export async function verifyStage(
  context: RunnerContext,
  stage: Stage,
  options: VerifyOptions,
): Promise<Result<Verified, Unverified>> {
  const refused = (fault: Failure): Result<never, Unverified> =>
    err({ failure: fault, logTail: [], logFile: undefined });
  const inputs = await stageInputs(context, stage, () => undefined);
  if (!inputs.ok) return refused(inputs.failure);
  const found = await findOrigin(context, stage, inputs.value.key);
  if (!found.ok) return refused(found.failure);
  const origin = found.value;
  options.onStart(origin.madeIn);
  const folder = join(context.state.artifacts, 'tmp', `verify-${stage.name}`);
  const logFile = join(context.state.artifacts, 'logs', 'verify', `${stage.name}.log`);
  rmSync(logFile, { force: true });
  const startedMs = context.clock.elapsed();
  try {
    const executed = await executeStage(context, {
      stage,
      code: inputs.value.code,
      deps: inputs.value.deps,
      folder,
      logFile,
      mark: randomBytes(8).toString('hex'),
      // What was computed before is just what is to be computed again.
      memo: NO_MEMO,
      onPid: () => undefined,
      onRecord: () => undefined,
    });
    if (executed.failure !== undefined) {
      return err({ failure: executed.failure, logTail: logTail(logFile), logFile });
    }
    const durationMs = context.clock.elapsed() - startedMs;
    const depsNow = await inputs.value.depsNow();
    const changed = whatChanged(context, { ...inputs.value, depsNow, made: executed });
    if (changed !== undefined) return refused(incomparable(stage, `${changed} changed while it ran`));
    const compared = await compareOuts(context, origin, executed.outs);
    const differing = compared.filter(({ differences }) => differences.length > 0);
    if (differing.length === 0) {
      const outs = compared.map(({ name, files, sizeBytes }) => ({ name, files, sizeBytes }));
      return ok({ run: origin.madeIn, outs, durationMs });
    }
    const why = whyIncomparable({ inputs: inputs.value, origin, processor: options.processor });
    if (why !== undefined) return refused(incomparable(stage, `${why}; ${namesOf(differing)}`));
    return refused(failure('VERIFY_DIFFERENT', { stage: stage.name, run: origin.madeIn, outs: toldOf(differing) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const incomparable = ({ name: stage }: Stage, why: string): Failure => failure('VERIFY_NOT_COMPARABLE', { stage, why });

interface Origin extends PastAttempt {
  /** The run that executed it. */
  readonly madeIn: number;
  readonly processor: string | undefined;
}

/** The attempt whose outs were made under this very key, and are whole. */
async function findOrigin(context: RunnerContext, stage: Stage, key: Key): Promise<Result<Origin, Failure>> {
  const { log, store, pipeline, platform } = context;
  const command = `npm run pipeline -- --only ${stage.name}${settingsOf(pipeline)}`;
  const unmade = (why: string): Result<never, Failure> =>
    err(failure('VERIFY_OTHER_KEY', { stage: stage.name, why, command }));
  const latest = latestAttempt(log, stage.name);
  if (latest === undefined) return unmade('it has not been made yet');
  const standing = latest.key === key.hash ? [latest] : [];
  const origins = [...standing, ...attemptsWithKey(log, stage.name, key.hash)];
  if (origins.length === 0) {
    if (latest.key === null) return unmade('what it read changed while it ran the last time');
    const changes = compareKeys(latest.keyParts(), key.parts);
    if (changes.some(({ part }) => part === 'platform')) {
      return err(
        incomparable(stage, `its outs were made on ${latest.keyParts()['platform']}, and this is ${platform}`),
      );
    }
    return unmade(explainChanges(changes));
  }
  for (const origin of origins) {
    const whole = await Promise.all(Object.values(origin.outs).map((hash) => store.isWhole(hash)));
    if (whole.every((isWhole) => isWhole)) return ok({ ...origin, ...processorOf(log, origin.id) });
  }
  return unmade('its stored outs are missing or damaged');
}

interface ComparedOut {
  readonly name: string;
  readonly files: number;
  readonly sizeBytes: number;
  readonly differences: Awaited<ReturnType<typeof differencesOf>>;
}

async function compareOuts(
  { store }: RunnerContext,
  origin: Origin,
  paths: Readonly<Record<string, string>>,
): Promise<ComparedOut[]> {
  const compared: ComparedOut[] = [];
  for (const [name, path] of Object.entries(paths)) {
    const { hash, files, sizeBytes } = await contentOf(path);
    // The key holds the outs' names, so the attempt made one of this name.
    const stored = origin.outs[name] as Sha256;
    const differences = hash === stored ? [] : await differencesOf(path, store.pathOf(stored));
    compared.push({ name, files, sizeBytes, differences });
  }
  return compared;
}

interface Judged {
  readonly inputs: StageInputs;
  readonly origin: Origin;
  readonly processor: string;
}

/** What else than the stage's code may be the reason for other bytes; undefined when there is nothing else. */
function whyIncomparable({ inputs, origin, processor }: Judged): string | undefined {
  if (origin.processor !== undefined && origin.processor !== processor) {
    return `its outs were made on another kind of processor (${origin.processor}; this is ${processor})`;
  }
  const reads = readsOf(inputs.code);
  if (!hasEffects(inputs.code) || reads.length === 0) return undefined;
  return `what it did then may have changed what it asks for now (${reads.join(', ')})`;
}

const namesOf = (differing: readonly ComparedOut[]): string =>
  `other bytes in ${differing.map(({ name }) => name).join(', ')}`;

const toldOf = (differing: readonly ComparedOut[]) =>
  differing.map(({ name, differences }) => ({
    out: name,
    files: differences.map(({ path, how }) => (path === '' ? how : `${path}: ${how}`)),
  }));
