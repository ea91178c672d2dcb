import type { EngineOffer } from '../domain/engine.ts';
import { probeEngines } from '../ml/probe-engines.ts';
import { createAnswers } from '../registry/answers.ts';
import { applyEffects } from '../registry/effects.ts';
import type { RunLog } from '../runlog/open.ts';
import type { Services } from '../runner/services.ts';
import type { StateFolder } from '../runner/state.ts';

export interface ServiceOptions {
  readonly log: RunLog;
  readonly state: StateFolder;
  /** The folder whose node_modules the engines are in. */
  readonly packagesFolder: string;
  readonly round: number;
}

/** What the runner needs to answer its stages: the registry, the feedback, and the engine that works here. */
export function createServices({ log, state, packagesFolder, round }: ServiceOptions): Services {
  let offer: Promise<EngineOffer> | undefined;
  // Probing loads a native library, so it is done once, and only when a stage asks.
  const engine = (): Promise<EngineOffer> => {
    offer ??= probeEngines(packagesFolder);
    return offer;
  };
  const { ask, digest } = createAnswers({ log, state: state.folder, engine, round });
  return {
    ask,
    digest,
    apply: ({ effects, run, attempt, at, deps }) => {
      applyEffects({ log, state: state.folder, run, attempt, at, deps }, effects);
    },
  };
}
