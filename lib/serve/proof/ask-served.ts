import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, failure } from '../../domain/failure.ts';
import type { GoldenBatch } from '../../domain/model.ts';
import { RaisedFailure, raisedFailure } from '../../domain/raised.ts';
import { type Latency, measureLatency } from '../../ml/latency.ts';
import { type SelfTest, selfTest } from '../../ml/load-model.ts';
import type { Clock } from '../../util/clock.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { buildServer } from '../build-server.ts';
import { INPUT, PROBABILITIES } from '../protocol/contract.ts';

/** What clients of a model got, once it was served. */
export interface ServedAnswers extends SelfTest, Latency {
  /** Rows of the golden batch. */
  readonly rows: number;
}

export interface AskServed {
  /** The model's folder; it need not be registered. */
  readonly folder: string;
  readonly line: string;
  /** The built entry of a thread that answers. */
  readonly threadFile: string;
  readonly clock: Clock;
}

/** Nobody else asks, so nothing is shed: a row that takes long is what is looked for. */
const UNHURRIED = { deadlineMs: 5000 } as const;

/**
 * Serves a model to itself: the server loads it from the disk in a thread of its own, listens on this machine, and is asked over
 * HTTP what the model was asked when it was trained; then one row at a time, for as long as that takes clients.
 */
export async function askServed({
  folder,
  line,
  threadFile,
  clock,
}: AskServed): Promise<Result<ServedAnswers, Failure>> {
  const wanted = [{ line, version: 0, hash: undefined, folder }];
  const feed = { mark: () => 0, wanted: () => ok(wanted) };
  const server = await buildServer({ feed, threadFile, version: '', alias: '', clock, limits: UNHURRIED });
  try {
    await server.parts.models.settled();
    const state = server.parts.models.find(line);
    if (state?.failure !== undefined) return err(state.failure);
    const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
    const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as GoldenBatch;
    const predict = predictOver(`${address}/v2/models/${encodeURIComponent(line)}/infer`, folder);
    const answers = await selfTest({ golden, predict });
    return ok({ ...answers, ...(await measureLatency({ golden, predict }, clock)), rows: golden.rows });
  } catch (error) {
    const known = raisedFailure(error);
    if (known === undefined) throw error;
    return err(known);
  } finally {
    await server.stop();
  }
}

interface Answered {
  readonly error?: string;
  readonly outputs?: readonly { readonly name: string; readonly data: readonly number[] }[];
}

/** Raw rows in, probabilities out, as any client of the protocol asks. */
function predictOver(url: string, folder: string) {
  return async (inputs: Uint8Array | Float32Array | Int32Array, rows: number): Promise<Float32Array> => {
    const shape = [rows, inputs.length / rows];
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: [{ name: INPUT, shape, datatype: 'FP32', data: [...inputs] }] }),
    });
    const { error, outputs } = (await response.json()) as Answered;
    const given = outputs?.find(({ name }) => name === PROBABILITIES);
    if (given !== undefined) return Float32Array.from(given.data);
    const problem = error ?? 'an answer without probabilities';
    throw new RaisedFailure(failure('SERVE_NO_ANSWER', { folder, status: response.status, problem }));
  };
}
