import { gateCells } from '../../domain/gate-text.ts';
import type { RunView } from '../../domain/run-view.ts';

/** What a follow-up run came to, beside the run that led to it: why it was begun, what it learned, and whether that helped. */
export function roundLines(view: RunView, parent: RunView): string[] {
  const learned = metricOf(view, 'feedbackRows');
  const held = metricOf(view, 'feedbackRows', 'holdout');
  return [
    `run ${parent.run} asked for it: ${parent.decision?.reason ?? 'no decision is on record'}`,
    `learned from ${learned ?? 0} rows of feedback${held === undefined ? '' : `; ${held} more were held out to compare on`}`,
    ...view.gates.filter(({ gate, limit }) => gate === 'champion' && limit !== null).map(sliceLine),
    outcomeLine(view),
    ...(['live', 'simulated'] as const).flatMap((split) => beforeAndAfter(view, parent, split)),
  ];
}

function metricOf({ metrics }: RunView, name: string, split?: string): number | undefined {
  const found = metrics.find((metric) => metric.name === name && (metric.split ?? undefined) === split)?.value;
  return typeof found === 'number' ? found : undefined;
}

function sliceLine(gate: RunView['gates'][number]): string {
  const [, check, value, , rows, verdict] = gateCells({ ...gate, note: '' });
  return `beside the champion: ${check} ${value} ${rows}, ${verdict}`;
}

function outcomeLine({ deployments, kept }: RunView): string {
  const moved = deployments.at(-1);
  if (moved !== undefined) return `${moved.line} v${moved.to} took the place of v${moved.from ?? '-'}`;
  return kept === null ? 'no model was put live' : 'the champion stays';
}

/** What people and the simulation say of the champion of each run; each kind for itself. */
function beforeAndAfter(view: RunView, parent: RunView, split: 'live' | 'simulated'): string[] {
  const kind = split === 'simulated' ? 'SIMULATED ' : '';
  const [before, after] = [parent, view].map((run) => ({
    accuracy: metricOf(run, 'accuracy', split),
    labels: metricOf(run, 'labels', split),
    windows: metricOf(run, 'windows', split),
    drifted: metricOf(run, 'driftWindows', split),
  })) as [Side, Side];
  const told = ({ accuracy, labels }: Side): string => `${accuracy?.toFixed(4)} on ${labels}`;
  const windowed = ({ windows, drifted }: Side): string => `${drifted} of ${windows}`;
  return [
    ...(before.accuracy === undefined || after.accuracy === undefined
      ? []
      : [`accuracy on ${kind}labels: before ${told(before)}, now ${told(after)}`]),
    ...(before.windows === undefined || after.windows === undefined
      ? []
      : [`${kind}windows that drift: before ${windowed(before)}, now ${windowed(after)}`]),
  ];
}

interface Side {
  readonly accuracy: number | undefined;
  readonly labels: number | undefined;
  readonly windows: number | undefined;
  readonly drifted: number | undefined;
}
