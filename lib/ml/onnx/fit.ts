import type { Failure } from '../../domain/failure.ts';
import { failure } from '../../domain/failure.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { epochOrder, rowNumbers } from '../batches.ts';
import { dropoutMask } from '../dropout.ts';
import type { FitRequest, Fitted, Score, Weight } from '../engine.ts';
import { outputSize, shapeSize } from '../layer-shapes.ts';
import { diverged, runEpochs } from '../run-epochs.ts';
import { initialWeights } from '../weights.ts';
import { type CallSize, callSizeOf } from './call-size.ts';
import { fitInput, type LeanInput } from './lean-input.ts';
import { BLOCK_STEPS } from './optimizers/rule.ts';
import { OPTIMIZER_RULES } from './optimizers/rules.ts';
import type { ProgramCache, Recipe } from './program-cache.ts';
import type { Program, Values } from './runtime.ts';
import { score } from './score.ts';
import { inOrderOf, shapeOf } from './signal.ts';
import { fadeSums, startState, weightsIn } from './state.ts';
import {
  IN,
  type MaskSpec,
  maskName,
  nextName,
  OUT,
  type TrainingProgram,
  trainingProgram,
} from './training-program.ts';
import { scalar } from './values.ts';
import { fromGraphOrder } from './weight-layout.ts';

interface Fit {
  readonly request: FitRequest;
  readonly program: Program;
  readonly compiled: TrainingProgram;
  /** What the program computes with. */
  readonly input: LeanInput;
  /** The whole model's weights as they were before the first step. */
  readonly start: readonly Weight[];
  /** Weights and the optimiser's arrays, by name, as they lie in the graph. */
  readonly state: Map<string, Float32Array>;
  /** As large: where a call writes what the state is after it. */
  readonly spare: Map<string, Float32Array>;
  readonly callSize: CallSize;
}

export async function fitWithOnnx(request: FitRequest, programs: ProgramCache): Promise<Result<Fitted, Failure>> {
  const { transform, hyperparameters, train } = request;
  const input = fitInput({ ...request, rows: train });
  const { optimizer } = hyperparameters;
  const { spec, rows } = input;
  const { source, file } = rows;
  const recipe: Recipe<TrainingProgram> = {
    key: JSON.stringify(['training', spec, transform, optimizer, source]),
    compile: () => trainingProgram({ spec, transform, optimizer, source }),
    file,
  };
  const { program, compiled } = await programs.get(recipe);
  const start = initialWeights(request.spec, request.seed);
  const state = startState(compiled.states, input.shrink(start), OPTIMIZER_RULES[optimizer].slots);
  const batch = Math.min(hyperparameters.batch, train.count);
  const callSize = callSizeOf(program, { batch, answers: outputSize(spec) });
  const spare = new Map([...state].map(([name, values]) => [name, new Float32Array(values.length)]));
  const fitting: Fit = { request, program, compiled, input, start, state, spare, callSize };
  return runEpochs(request, {
    train: (epoch, rate) => trainEpoch(fitting, epoch, rate),
    score: (scored) => score(programs, { spec: request.spec, transform, rows: scored, weights: readWeights(fitting) }),
    read: () => readWeights(fitting),
  });
}

function readWeights({ compiled, input, start, state }: Fit): readonly Weight[] {
  const found = weightsIn(compiled.states, state);
  const now = start.map((weight) => {
    const own = found.get(weight.name);
    if (own === undefined) throw new Error(`the program has no weights ${weight.name}`);
    return { ...weight, values: fromGraphOrder(Float32Array.from(own.data), own.layout) };
  });
  return input.grow(now, start);
}

async function trainEpoch(fitting: Fit, epoch: number, rate: number): Promise<Result<Score, Failure>> {
  const { request, callSize } = fitting;
  const { train, seed, hyperparameters } = request;
  const order = rowNumbers(train, epochOrder(train.count, seed, epoch));
  const batch = Math.min(hyperparameters.batch, order.length);
  const stepsBefore = (epoch - 1) * Math.ceil(order.length / batch);
  let [loss, correct, done] = [0, 0, 0];
  for (let from = 0; from < order.length; ) {
    const before = stepsBefore + done;
    const whole = Math.floor((order.length - from) / batch);
    // The last batch may be smaller, and then is a call of its own.
    const steps = whole === 0 ? 1 : callSize.next(Math.min(whole, BLOCK_STEPS - (before % BLOCK_STEPS)));
    const size = whole === 0 ? order.length - from : batch;
    const chosen = order.subarray(from, from + steps * size);
    const startedMs = performance.now();
    const { losses, corrects } = await runSteps(fitting, { chosen, steps, size, before, rate });
    callSize.took(steps, performance.now() - startedMs);
    const broken = losses.find((one) => !Number.isFinite(one));
    if (broken !== undefined) return err(diverged(request, epoch, broken));
    loss += losses.reduce((sum, one) => sum + one * size, 0);
    correct += corrects.reduce((sum, one) => sum + one, 0);
    done += steps;
    from += steps * size;
    request.onBatch?.(epoch, from / order.length);
    if (request.signal?.aborted) return err(failure('STAGE_INTERRUPTED', {}));
  }
  return ok({ loss: loss / train.count, accuracy: correct / train.count });
}

interface Steps {
  /** Row numbers, steps x size. */
  readonly chosen: Int32Array;
  readonly steps: number;
  readonly size: number;
  /** Steps done before, over all epochs. */
  readonly before: number;
  readonly rate: number;
}

async function runSteps(
  fitting: Fit,
  call: Steps,
): Promise<{ readonly losses: Float32Array; readonly corrects: Int32Array }> {
  const { request, program, compiled, state, spare } = fitting;
  const { chosen, steps, size, before, rate } = call;
  const rule = OPTIMIZER_RULES[request.hyperparameters.optimizer];
  if (before > 0 && before % BLOCK_STEPS === 0) fadeSums(compiled.states, state, rule.fade(BLOCK_STEPS));
  const inputs = new Map<string, Values>(fitting.input.rows.inputs);
  inputs.set(IN.labels, { data: request.train.labels, shape: [request.train.labels.length] });
  inputs.set(IN.order, { data: chosen, shape: [steps, size] });
  inputs.set(IN.inverseCount, scalar(1 / size));
  for (const [name, data] of Object.entries(rule.numbersOf({ before, count: steps, rate }))) {
    inputs.set(name, { data, shape: [steps, 1] });
  }
  for (const mask of compiled.masks) inputs.set(maskName(mask), drawMasks(mask, request.seed, call));
  for (const { name, shape } of compiled.states) inputs.set(name, { data: state.get(name) as Float32Array, shape });
  const into = new Map(
    compiled.states.map(({ name, shape }) => [nextName(name), { data: spare.get(name) as Float32Array, shape }]),
  );
  const results = await program.run(inputs, into);
  for (const [name, values] of [...state]) {
    state.set(name, spare.get(name) as Float32Array);
    spare.set(name, values);
  }
  return {
    losses: results.get(OUT.loss)?.data as Float32Array,
    corrects: results.get(OUT.correct)?.data as Int32Array,
  };
}

function drawMasks({ layer, rate, signal }: MaskSpec, seed: number, { steps, size, before }: Steps): Values {
  const length = size * shapeSize(signal.shape);
  const data = new Uint8Array(steps * length);
  for (let step = 0; step < steps; step++) {
    const drawn = dropoutMask(rate, length, { seed, layer: layer.index, step: before + step });
    data.set(inOrderOf(drawn, size, signal), step * length);
  }
  return { data, shape: [steps, ...shapeOf(signal, size)] };
}
