import type { Clock } from '../util/clock.ts';
import type { RawRows } from './batch-queue.ts';
import { badRequest, type Fault } from './fault.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { ModelTable } from './model-table.ts';
import { newId } from './new-id.ts';
import type { PredictionLog } from './prediction-log.ts';
import type { ServedVersion } from './served-version.ts';

/** A request that was answered. */
export interface Prediction {
  readonly id: string;
  readonly version: ServedVersion;
  readonly rows: number;
  readonly probabilities: Float32Array;
  readonly predicted: readonly number[];
}

export interface Predictor {
  /** The version that answers for a line, or why none does. The first line where none is named. */
  choose(line: string | undefined, version: string | undefined): ServedVersion | Fault;
  /** Asks a version; `done` is called once, with what it answered or why not. */
  ask(version: ServedVersion, asked: AskedRows, done: (result: Prediction | Fault) => void): void;
}

export interface AskedRows {
  readonly inputs: RawRows;
  readonly rows: number;
}

export interface PredictorOptions {
  readonly models: ModelTable;
  readonly log: PredictionLog;
  readonly clock: Clock;
  readonly metrics: Pick<ServerMetrics, 'answered' | 'shed'>;
}

export const isFault = (value: object): value is Fault => 'error' in value;

export function createPredictor({ models, log, clock, metrics }: PredictorOptions): Predictor {
  return {
    choose: (line, version) => {
      const state = line === undefined ? models.lines()[0] : models.find(line);
      if (state === undefined) return noModel(line, models);
      const { serving, failure } = state;
      if (serving === undefined) {
        const why =
          failure === undefined ? 'it is being loaded' : 'its version could not be loaded; see the server’s log';
        return { status: 503, error: `The model '${state.line}' does not answer yet: ${why}.`, retryAfter: 1 };
      }
      if (version === undefined || version === String(serving.version)) return serving;
      return {
        status: 404,
        error: `The model '${state.line}' is served in version ${serving.version}, not ${version}.`,
      };
    },
    ask: (version, { inputs, rows }, done) => {
      const refuse = (fault: Fault): void => {
        if (fault.isShed === true) metrics.shed('late');
        done(fault);
      };
      const refused = version.queue.submit(inputs, rows, (answered) => {
        if (!(answered instanceof Float32Array)) return refuse(answered);
        const classes = version.contract.classes.length;
        const predicted = mostProbable(answered, classes);
        const strange = answered.findIndex((value) => !Number.isFinite(value));
        if (strange >= 0) return refuse(noNumber(Math.floor(strange / classes)));
        const prediction: Prediction = { id: newId(), version, rows, probabilities: answered, predicted };
        log.record({
          id: prediction.id,
          line: version.line,
          version: version.version,
          rows,
          inputs,
          probabilities: answered,
          predicted,
          at: clock.now(),
        });
        metrics.answered(prediction);
        done(prediction);
      });
      if (refused !== undefined) refuse(refused);
    },
  };
}

/** Values far enough from all that was learned overflow on the way; no JSON holds what comes of that. */
const noNumber = (row: number): Fault =>
  badRequest(
    `Row ${row}: the model has no answer to it that is a number; its values are too far from what it learned from.`,
  );

function noModel(line: string | undefined, models: ModelTable): Fault {
  const known = models.lines().map((one) => `'${one.line}'`);
  if (line !== undefined && known.length > 0) {
    return { status: 404, error: `There is no model '${line}'; there is ${known.join(' and ')}.` };
  }
  const error = 'No model is deployed yet. Deploy one with: npm run pipeline';
  return line === undefined
    ? { status: 503, error, retryAfter: 1 }
    : { status: 404, error: `There is no model '${line}'. ${error}` };
}

function mostProbable(probabilities: Float32Array, classes: number): number[] {
  const best: number[] = [];
  for (let from = 0; from < probabilities.length; from += classes) {
    let top = 0;
    for (let at = 1; at < classes; at++) {
      if ((probabilities[from + at] as number) > (probabilities[from + top] as number)) top = at;
    }
    best.push(top);
  }
  return best;
}
