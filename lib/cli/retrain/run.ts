import type { RunnerEvent } from '../../domain/event.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { type Failure, failureText } from '../../domain/failure.ts';
import type { RetrainDecision } from '../../domain/retrain.ts';
import type { RetrainRun } from '../../domain/retrain-result.ts';
import { CHAMPION } from '../../registry/answers.ts';
import { retrainedLine } from '../../registry/retrain-facts.ts';
import { openExistingRunLog, type RunLog } from '../../runlog/open.ts';
import { aliasedVersion, aliasedVersions } from '../../runlog/registry.ts';
import { nameLine, nameRun } from '../../runlog/retrain.ts';
import { refuse } from '../project.ts';
import { ask, type Call, type Question, record, skip, tell } from './call.ts';

/** The run, decided upon once more where no other can come in between. */
export async function retrain(call: Call): Promise<ExitCode> {
  const { options, io, installation } = call;
  const { chooseStages, execute } = await import('../run-verb.ts');
  const runs: RetrainRun[] = [];
  let begun: Begun | undefined;
  let current = 0;
  let isNamed = false;
  let isFresh = true;
  const observe = (event: RunnerEvent, log: RunLog): void => {
    if (event.type === 'run-started') current = event.run;
    if (begun === undefined || event.type === 'run-started') return;
    // Its row comes with the first of its stages.
    if (!isNamed) isNamed = nameRun(log, begun.id, current);
    if (event.type === 'stage-ended') isFresh &&= event.status === 'fresh';
    if (event.type !== 'run-ended') return;
    const { run, status, exitCode, durationMs, summary } = event;
    runs.push({ run, status, exitCode, durationMs, isFresh, summary });
    isFresh = true;
    begun = afterRun(call, log, begun);
  };
  const begin = (log: RunLog): ExitCode | undefined => {
    const question = ask(call, log);
    if (question.answer.decision.verdict === 'skipped') return skip(call, log, question);
    const { line, answer } = question;
    const before = new Map(aliasedVersions(log, CHAMPION).map((row) => [row.line, row.version]));
    begun = { id: record(call, log, question), question, line, before, after: answer.champion };
    return undefined;
  };
  const exitCode = await execute({
    verb: 'retrain',
    choose: (stages) => chooseStages(stages, {}),
    options,
    io,
    installation,
    // It learns from the feedback there is, as the follow-up run of an iterate does.
    around: { begin, observe, held: (fault) => leaveToOther(call, fault), round: 1 },
  });
  if (begun === undefined) return exitCode;
  const { id, question, line, before, after } = begun;
  const champion = before.get(line) ?? null;
  const answer = { ...question.answer, champion };
  return tell(call, { ...question, line, answer }, { id, runs, after, exitCode });
}

/** A decision whose run is at work. */
interface Begun {
  readonly id: number;
  readonly question: Question;
  readonly line: string;
  /** The champion of every line, before the run. */
  readonly before: ReadonlyMap<string, number>;
  readonly after: number | null;
}

/** Only the first run of a profile tells which line of models it is about. */
function afterRun({ options, project }: Call, log: RunLog, begun: Begun): Begun {
  const line = retrainedLine(log, project.pipeline.name, options.profile);
  if (line !== begun.line) nameLine(log, begun.id, line);
  return { ...begun, line, after: aliasedVersion(log, line, CHAMPION)?.version ?? null };
}

/** A schedule that meets a run at work has nothing to do: the next call decides again. Who insists is told. */
function leaveToOther(call: Call, fault: Failure): ExitCode {
  const { io, folders, asked } = call;
  const opened = openExistingRunLog(folders.state.database);
  if (asked !== 'if_needed' || !opened.ok || opened.value === undefined) return refuse(io, [fault]);
  const log = opened.value;
  try {
    const question = ask(call, log);
    const { decision } = question.answer;
    const reason = `${failureText(fault).replace(/\.$/, '')}; the next call decides again (wanted, because ${decision.reason})`;
    const skipped: RetrainDecision = { ...decision, verdict: 'skipped', reason };
    return skip(call, log, { ...question, answer: { ...question.answer, decision: skipped, cut: undefined } });
  } finally {
    log.close();
  }
}
