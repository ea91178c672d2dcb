import type { ModelSpec, Transform } from '../../domain/model.ts';
import { outputSize } from '../layer-shapes.ts';
import { weightSpecs } from '../weights.ts';
import { int } from './attribute.ts';
import { createGraph, type Graph, modelBytes, type Value } from './graph.ts';
import type { TrainingParts } from './layers.ts';
import { correctCount, lossAnswers, lossGradients, oneHotRows, penalties, withPenalties } from './loss-nodes.ts';
import { type Network, setDown, weightLayouts } from './network.ts';
import { LOSS_RULES } from './ops/loss.ts';
import { inputSignal, type RawSource, type RawType, rawRows, transformed } from './raw-rows.ts';
import { rowsFirst } from './signal.ts';
import { IN } from './training-program.ts';
import type { WeightLayout } from './weight-layout.ts';

/** A program without a loop, whose weights come with the call, by name. */
export interface AnswerProgram {
  readonly bytes: Uint8Array;
  readonly layouts: ReadonlyMap<string, WeightLayout>;
}

export const ANSWERS = 'answers';
export const TARGETS = 'targets';
export const LOSS = 'loss';
export const CORRECT = 'correct';

interface Request {
  readonly spec: ModelSpec;
  readonly transform: Transform;
}

/** Declares every array of the model as an input. */
function weightInputs(graph: Graph, spec: ModelSpec): ReadonlyMap<string, WeightLayout> {
  const layouts = weightLayouts(spec, inputSignal(spec));
  for (const { name } of weightSpecs(spec)) {
    graph.input(name, 'float32', (layouts.get(name) as WeightLayout).shape);
  }
  return layouts;
}

/** The network over all rows that come with the call. */
function overAll(
  graph: Graph,
  { spec, transform }: Request,
  type: RawType,
  training: TrainingParts | undefined = undefined,
): Network {
  const rows = rawRows(graph, spec, { type, file: undefined });
  const input = transformed(graph, rows, { spec, type, transform });
  return setDown(graph, spec, { input, array: (name) => name, training });
}

/** Rows in, [rows, outputs] out. */
export function predictionProgram(request: Request, type: RawType): AnswerProgram {
  const graph = createGraph();
  const layouts = weightInputs(graph, request.spec);
  const { outputs } = overAll(graph, request, type);
  graph.output(ANSWERS, rowsFirst(graph, outputs), 'float32', ['count', outputSize(request.spec)]);
  return { bytes: modelBytes(graph, 'prediction'), layouts };
}

/**
 * Rows and targets in; out come the mean loss, and its gradient by every learned array. As in training a batch is
 * normalised by its own mean and variance, but nothing is dropped.
 */
export function gradientProgram(request: Request, type: RawType): AnswerProgram {
  const { spec } = request;
  const graph = createGraph();
  const layouts = weightInputs(graph, spec);
  const targets = graph.input(TARGETS, 'float32', ['count', outputSize(spec)]);
  const inverseCount = graph.input(IN.inverseCount, 'float32', []);
  const network = overAll(graph, request, type, { mask: undefined });
  const answers = lossAnswers(graph, spec, network);
  const weight = (name: string): Value => name;
  const plain = lossGradients(graph, spec, network, { answers, targets, factor: inverseCount });
  for (const [name, gradient] of withPenalties(graph, spec, plain, { weight, factor: graph.constant(1) })) {
    graph.output(gradientName(name), gradient, 'float32', (layouts.get(name) as WeightLayout).shape);
  }
  const mean = graph.op('Mul', [LOSS_RULES[spec.loss].sum(graph, { answers, targets }), inverseCount]);
  const added = penalties(graph, spec, weight);
  graph.output(LOSS, added === undefined ? mean : graph.op('Add', [mean, added]), 'float32', []);
  return { bytes: modelBytes(graph, 'gradients'), layouts };
}

export const gradientName = (weight: string): string => `${weight}/gradient`;

/** Some rows by number, with their labels, in; out come their mean loss and how many are right. */
export function scoringProgram({ spec, transform }: Request, source: RawSource): AnswerProgram {
  const graph = createGraph();
  const layouts = weightInputs(graph, spec);
  const rows = rawRows(graph, spec, source);
  const labels = graph.input(IN.labels, 'int32', ['count']);
  const order = graph.input(IN.order, 'int32', ['batch']);
  const inverseCount = graph.input(IN.inverseCount, 'float32', []);
  const [own, ownLabels] = [rows, labels].map((all): Value => graph.op('Gather', [all, order], { axis: int(0) }));
  const input = transformed(graph, own as Value, { spec, type: source.type, transform });
  const network = setDown(graph, spec, { input, array: (name) => name, training: undefined });
  const targets = oneHotRows(graph, spec, ownLabels as Value);
  const answers = lossAnswers(graph, spec, network);
  const sum = LOSS_RULES[spec.loss].sum(graph, { answers, targets });
  graph.output(LOSS, graph.op('Mul', [sum, inverseCount]), 'float32', []);
  const logits = rowsFirst(graph, network.logits);
  graph.output(CORRECT, correctCount(graph, { logits, labels: ownLabels as Value }), 'int32', []);
  return { bytes: modelBytes(graph, 'scoring'), layouts };
}
