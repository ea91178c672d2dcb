import { EXIT, type ExitCode } from '../../domain/exit-code.ts';
import { failure } from '../../domain/failure.ts';
import type { RetrainRun } from '../../domain/retrain-result.ts';
import { WINDOW_ROWS } from '../../monitor/drift/windows.ts';
import { CHAMPION } from '../../registry/answers.ts';
import type { RunLog } from '../../runlog/open.ts';
import { countPending } from '../../runlog/pending-answers.ts';
import { aliasedVersion } from '../../runlog/registry.ts';
import { readsOf } from '../../runner/stage-code.ts';
import { isJsonObject } from '../../util/json.ts';
import { err, ok } from '../../util/result.ts';
import type { Call } from './call.ts';

/** Whether a whole window of the champion's answers waits to be judged, where a rule asks for drift. */
export function hasUnjudgedWindow({ project }: Call, log: RunLog, line: string): boolean {
  const { retrain, stages } = project.pipeline;
  const version = retrain.rules.drift === undefined ? undefined : aliasedVersion(log, line, CHAMPION)?.version;
  if (version === undefined) return false;
  const sizes = stages.flatMap(({ params: { drift } }) => (isJsonObject(drift) ? [drift['rows']] : []));
  const size = sizes.find((rows): rows is number => typeof rows === 'number') ?? WINDOW_ROWS;
  return countPending(log, line, version, size) >= size;
}

/** How the stages that judge windows came out. */
export interface Judging {
  readonly exitCode: ExitCode;
  /** Their run; undefined where none came to its end. */
  readonly run: RetrainRun | undefined;
}

/** Gives the stages that judge windows their turn, on the outs that are there. */
export async function judgeWindows({ options, io, installation }: Call): Promise<Judging> {
  const { execute } = await import('../run-verb.ts');
  let isHeld = false;
  let run: RetrainRun | undefined;
  const exitCode = await execute({
    verb: 'retrain',
    choose: (stages, codes) => {
      const judges = stages.filter(({ name }) => {
        const code = codes.get(name);
        return code?.kind === 'module' && readsOf(code).includes('drift');
      });
      return judges.length > 0 ? ok({ stages: judges, forced: () => undefined }) : err(NOBODY_JUDGES);
    },
    options,
    io,
    installation,
    around: {
      begin: () => undefined,
      observe: (event) => {
        if (event.type !== 'run-ended') return;
        const { type: _, atMs: __, ...ended } = event;
        run = { ...ended, isFresh: false };
      },
      // Whoever is at work may be doing just this; the decision is made on what there is.
      held: () => {
        isHeld = true;
        return EXIT.done;
      },
      round: 1,
    },
  });
  return { exitCode: isHeld ? EXIT.done : exitCode, run };
}

/** Why nothing could be decided. */
export const judgingFailed = ({ exitCode, run }: Judging): string =>
  run === undefined
    ? `the windows of answers that the rule on drift looks at could not be judged: exit ${exitCode}`
    : `run ${run.run}, which was to judge the windows of answers that the rule on drift looks at, ended with exit ${exitCode}`;

const NOBODY_JUDGES = failure('USAGE', {
  problem: 'retrain.rules.drift asks for windows of answers, and no stage of pipeline.yaml judges any.',
  next: 'Add a stage that does, as the shipped feedback does, or leave the rule out.',
});
