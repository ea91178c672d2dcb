import { probeEngines } from '../ml/probe-engines.ts';
import { createAnswers } from '../registry/answers.ts';
import { applyEffects } from '../registry/effects.ts';
import { settleFeedback } from '../registry/settle-feedback.ts';
import type { RunLog } from '../runlog/open.ts';
import type { Services } from '../runner/services.ts';
import type { StateFolder } from '../runner/state.ts';

export interface ServiceOptions {
  readonly log: RunLog;
  readonly state: StateFolder;
  /** The pipeline's name. */
  readonly pipeline: string;
  /** The folder whose node_modules the engines are in. */
  readonly packagesFolder: string;
  readonly round: number;
  /** Why a person wants the run's model live whatever the gates say. */
  readonly override: string | undefined;
}

/** What the runner needs to answer its stages: the registry, the feedback, and the engine that works here. */
export async function createServices(options: ServiceOptions): Promise<Services> {
  const { log, state, pipeline, packagesFolder, round, override } = options;
  const engine = await probeEngines(packagesFolder);
  const { ask, digest } = createAnswers({ log, state: state.folder, engine, pipeline, round, override });
  return {
    ask: async (name, input) => log.reading(() => ({ value: ask(name, input), digest: digest(name) })),
    digest,
    apply: ({ effects, run, attempt, at, deps }) =>
      applyEffects({ log, state: state.folder, run, attempt, at, deps }, effects),
    settle: (ended) => settleFeedback(log, ended),
  };
}
