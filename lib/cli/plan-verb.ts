import { EXIT, type ExitCode } from '../domain/exit-code.ts';
import { planText } from '../report/runs/plan-text.ts';
import { planStages } from '../runner/plan.ts';
import type { Installation, Io } from './io.ts';
import { foldersOf, refuse } from './project.ts';
import { openReadingBench } from './reading-bench.ts';
import { chooseStages, type SelectOptions } from './run-verb.ts';
import { codeFaults } from './workbench.ts';

export interface PlanVerbOptions extends SelectOptions {
  /** Exit with 5 when there is work. */
  readonly check?: boolean;
  readonly json?: boolean;
}

/** What a run would leave as it is. */
const IDLE: readonly string[] = ['fresh', 'skipped'];

/** `mlloop plan`: what `run` with the same options would do, and why. */
export async function planVerb(options: PlanVerbOptions, io: Io, installation: Installation): Promise<ExitCode> {
  const opened = await openReadingBench({ folders: foldersOf(options, io), installation, project: options }, io);
  if (!opened.ok) return refuse(io, opened.failure);
  const { bench, context, close } = opened.value;
  try {
    const chosen = chooseStages(bench.project.pipeline.stages, options);
    if (!chosen.ok) return refuse(io, [chosen.failure]);
    const { stages, forced } = chosen.value;
    const faults = codeFaults(bench, stages);
    if (faults.length > 0) return refuse(io, faults);
    const planned = await planStages(context, stages, { forced });
    io.stdout(options.json ? `${JSON.stringify(planned, undefined, 2)}\n` : planText(planned));
    const isPending = planned.some(({ verdict }) => !IDLE.includes(verdict));
    return options.check && isPending ? EXIT.pending : EXIT.done;
  } finally {
    close();
  }
}
