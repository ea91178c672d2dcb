import type { EngineChoice } from '../../domain/engine.ts';
import { refuses } from '../../domain/gate.ts';
import type { RunView } from '../../domain/run-view.ts';
import type { ArtifactsSize, DatasetUsed, GateOutcome, RunSummary } from '../../domain/summary.ts';
import { modelsOf } from './models.ts';
import { roundLines } from './round.ts';

/** What a summary says beyond the run's own rows. */
export interface SummaryExtras {
  readonly champion: { readonly line: string; readonly version: number } | null;
  readonly artifacts: ArtifactsSize;
  /** Paths of pages the run made, relative to where the person is. */
  readonly pages: readonly string[];
  /** An earlier run to compare with. */
  readonly previousRun: number | null;
  /** Options that say where the project is, when that is not where the person is. */
  readonly where: readonly string[];
  /** The run that led to this one. */
  readonly parent: RunView | undefined;
}

/** A run's summary, from its rows alone. */
export function summaryOf(view: RunView, extras: SummaryExtras): RunSummary {
  const { run, parent, used, gates, notes, decision, deployments } = view;
  const { champion, artifacts } = extras;
  const byThisRun =
    champion !== null && deployments.some(({ line, to }) => line === champion.line && to === champion.version);
  return {
    run,
    parent,
    // The stages that recorded them wrote these very shapes.
    dataset: used.dataset as unknown as DatasetUsed | null,
    engine: used.engine as unknown as EngineChoice | null,
    models: modelsOf(view),
    gates,
    outcome: outcomeOf(view),
    deployed: gates.length === 0 || champion === null ? null : { ...champion, byThisRun },
    notes,
    decision,
    round: extras.parent === undefined ? [] : roundLines(view, extras.parent),
    next: nextSteps(view, extras),
    artifacts,
  };
}

function outcomeOf({ gates, deployments, kept, status }: RunView): GateOutcome | null {
  if (gates.length === 0) return null;
  const override = deployments.find(({ kind }) => kind === 'override');
  if (override !== undefined) return { verdict: 'overridden', reason: override.reason };
  if (status === 'refused' && gates.some(refuses)) return { verdict: 'refused', reason: '' };
  if (kept !== null) return { verdict: 'kept', reason: kept };
  const isLive = gates.some(({ verdict }) => verdict === 'already_live');
  return { verdict: isLive ? 'already live' : 'passed', reason: '' };
}

function nextSteps(
  { run, gates, exitCode, profile }: RunView,
  { champion, pages, previousRun, where }: SummaryExtras,
): string[] {
  const isDone = exitCode === 0;
  // A profile may have another line of models than the file itself.
  const served = [...(profile === null ? [] : [`--line ${champion?.line}`]), ...where].join(' ');
  const there = where.map((option) => ` ${option}`).join('');
  return [
    `npm run show -- ${run}${there}`,
    ...(isDone && previousRun !== null ? [`npm run compare -- ${previousRun} ${run}${there}`] : []),
    ...(isDone ? pages.map((path) => `open ${path}`) : []),
    ...(isDone && champion !== null && gates.length > 0
      ? [`npm run serve${served === '' ? '' : ` -- ${served}`}`]
      : []),
  ];
}
