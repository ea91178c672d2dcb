import type { ModelSpec } from '../../domain/model.ts';
import type { Dimension } from './format.ts';
import type { Graph, Value } from './graph.ts';
import { correctCount, penalties, takenFrom } from './loss-nodes.ts';
import type { Network } from './network.ts';
import { LOSS_RULES } from './ops/loss.ts';
import { rowsFirst } from './signal.ts';

/** What a step hands out so that its loss can be told. */
type ToldName = 'answers' | 'logits' | 'penalties';

export interface Told {
  readonly name: ToldName;
  readonly value: Value;
  readonly shape: readonly Dimension[];
}

/** What the step's numbers follow from; `answers` are what its loss was taken from. */
export function tellStep(
  graph: Graph,
  spec: ModelSpec,
  network: Network,
  {
    answers,
    weight,
    outputs,
  }: { readonly answers: Value; readonly weight: (name: string) => Value; readonly outputs: number },
): Told[] {
  const shape = ['batch', outputs];
  const added = penalties(graph, spec, weight);
  return [
    { name: 'answers', value: answers, shape },
    ...(takenFrom(spec) === 'logits'
      ? []
      : [{ name: 'logits', value: rowsFirst(graph, network.logits), shape } as const]),
    ...(added === undefined ? [] : [{ name: 'penalties', value: added, shape: [] } as const]),
  ];
}

export interface StepRows {
  /** [steps, batch, outputs]. */
  readonly targets: Value;
  /** [steps, batch]. */
  readonly labels: Value;
  /** 1 / rows of a batch. */
  readonly inverseCount: Value;
}

/** Loss and rows that were right, per step, of all steps at once: that costs a tenth of what it would in every step. */
export function stepMetrics(
  graph: Graph,
  spec: ModelSpec,
  told: ReadonlyMap<ToldName, Value>,
  { targets, labels, inverseCount }: StepRows,
): { readonly losses: Value; readonly corrects: Value } {
  const answers = told.get('answers') as Value;
  const sums = LOSS_RULES[spec.loss].sum(graph, { answers, targets }, [1, 2]);
  const means = graph.op('Mul', [sums, inverseCount]);
  const added = told.get('penalties');
  return {
    losses: added === undefined ? means : graph.op('Add', [means, added]),
    corrects: correctCount(graph, { logits: told.get('logits') ?? answers, labels }, [1]),
  };
}
