import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Static } from 'typebox';
import { afterEach } from 'vitest';
import { openDataset, writeDataset } from '../../lib/data/dataset.ts';
import { isFeedbackId } from '../../lib/data/row-ids.ts';
import { datasetStatistics } from '../../lib/data/statistics.ts';
import type { DataProfile } from '../../lib/domain/data-profile.ts';
import type { EngineOffer } from '../../lib/domain/engine.ts';
import type { EvaluationFile } from '../../lib/domain/evaluation.ts';
import { failureText } from '../../lib/domain/failure.ts';
import type { GateRecord } from '../../lib/domain/gate.ts';
import type { ChampionAnswer, LabelledRow } from '../../lib/domain/questions.ts';
import { raisedFailure } from '../../lib/domain/raised.ts';
import { answerRows } from '../../lib/ml/answer-rows.ts';
import { evaluateAnswers, OVERALL_METRICS } from '../../lib/ml/metrics/evaluate.ts';
import { trainingData } from '../../lib/ml/training-rows.ts';
import stage from '../../stages/deploy.ts';
import { unwrap } from '../data/failed.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';
import { saveThresholdModel, type ThresholdModel } from '../rig/threshold-model.ts';
import { type RecordedContext, stageContext } from './context.ts';

type Params = Static<typeof stage.params>;

const CHOICE = { engine: 'tfjs', backend: 'cpu', version: '4.22.0', why: '' } as const;
const engine: EngineOffer = { tfjs: CHOICE, onnx: { problem: 'not here' } };

const path = temporaryFolder();
const made: RecordedContext<Params>[] = [];
afterEach(() => {
  for (const recorded of made.splice(0)) recorded.remove();
});

interface Rows {
  /** Id of the first row; the others count on. */
  readonly from: number;
  readonly greys: readonly number[];
}

/** Rows of one pixel; from grey 128 on they really are light. */
function writeRows(name: string, { from, greys }: Rows): string {
  const columns = {
    label: Int32Array.from(greys, (grey) => (grey >= 128 ? 1 : 0)),
    id: Int32Array.from(greys, (_, at) => from + at),
    pixels: { data: Uint8Array.from(greys), shape: [1, 1] },
  };
  const source = isFeedbackId(from) ? 'feedback' : 'own';
  const provenance = [{ source, rows: greys.length, sha256: {}, detail: {} }];
  unwrap(writeDataset(path(name), { columns, classes: ['dark', 'light'], provenance }));
  return path(name);
}

/** One row of every grey from 28 to 227. */
export const every = Array.from({ length: 200 }, (_, at) => 28 + at);

/** What the stage before would have written of the model. */
async function writeEvaluation(folder: string, test: string): Promise<string> {
  const dataset = unwrap(openDataset(test));
  const { rows } = unwrap(trainingData(dataset));
  const probabilities = unwrap(await answerRows({ folder, choice: CHOICE, rows }));
  const evaluation = evaluateAnswers(dataset.labels, probabilities, 2);
  const overall = Object.fromEntries(OVERALL_METRICS.map((name) => [name, evaluation[name]]));
  const file: EvaluationFile = {
    format: 'mlloop-evaluation',
    version: 1,
    rows: dataset.rows,
    generated: false,
    classes: ['dark', 'light'],
    models: { mine: { overall, perClass: evaluation.perClass, confusion: [], calibration: [] } },
    candidate: 'mine',
    predicted: [...evaluation.predicted],
  };
  writeFileSync(path('metrics.json'), JSON.stringify(file));
  return path('metrics.json');
}

/** What the stage that prepares rows would have written of them. */
function writeProfile(test: string, train: string): string {
  const [held, rows] = [unwrap(openDataset(test)), unwrap(openDataset(train))];
  const cleaning = {
    blank: 0,
    badLabel: 0,
    duplicateInTrain: 0,
    duplicateInTest: 0,
    trainAlsoInTest: 0,
    conflicting: 0,
  };
  const profile: DataProfile & { readonly version: number } = {
    version: 2,
    collected: held.rows + rows.rows,
    cleaning,
    statistics: { train: datasetStatistics(rows), test: datasetStatistics(held) },
    leaked: 0,
    limits: {},
  };
  writeFileSync(path('profile.json'), JSON.stringify(profile));
  return path('profile.json');
}

export interface Case {
  readonly challenger: Partial<ThresholdModel>;
  readonly champion?: Partial<ThresholdModel> | 'lost';
  readonly params?: Params;
  readonly test?: Rows;
  readonly train?: Rows;
  /** What the champion was fitted on. */
  readonly learned?: Rows;
  /** A file of the champion's that is no longer what it was, though nobody noticed. */
  readonly damaged?: string;
  /** True where the champion's training rows are there and cannot be read. */
  readonly isUnreadable?: boolean;
  readonly labelled?: readonly LabelledRow[];
  readonly override?: string;
  /** True for a challenger that does not answer as it was trained to. */
  readonly isBroken?: boolean;
  /** False where the pipeline hands on no profile of the data. */
  readonly isProfiled?: boolean;
  /** The challenger's content hash, as the runner knows it. */
  readonly hash?: string;
}

function breakModel(folder: string): void {
  const file = join(folder, 'golden.json');
  const golden = JSON.parse(readFileSync(file, 'utf8')) as { readonly outputs: readonly number[] };
  writeFileSync(file, JSON.stringify({ ...golden, outputs: golden.outputs.map((output) => 1 - output) }));
}

export interface Deployed extends RecordedContext<Params> {
  readonly gates: readonly GateRecord[];
  readonly refusal: string | undefined;
}

/** Puts a challenger before its gates, beside a champion where there is one, on rows of one pixel. */
export async function deploy(given: Case): Promise<Deployed> {
  const { test: held = { from: 0, greys: every }, train, learned, labelled = [], override = null } = given;
  for (const name of ['model', 'champion']) rmSync(path(name), { recursive: true, force: true });
  await saveThresholdModel(path('model'), { from: 128, ...given.challenger });
  if (given.isBroken === true) breakModel(path('model'));
  const testRows = writeRows('test', held);
  let champion: ChampionAnswer | null = null;
  if (given.champion !== undefined) {
    const isLost = given.champion === 'lost';
    const unreadable = given.isUnreadable === true ? [path('nowhere')] : [];
    if (given.champion !== 'lost') await saveThresholdModel(path('champion'), { from: 128, ...given.champion });
    if (given.damaged !== undefined) writeFileSync(path('champion', given.damaged), 'not what it was');
    champion = {
      line: 'greys',
      version: 3,
      modelHash: 'c'.repeat(64),
      folder: path('champion'),
      problem: isLost ? 'it is gone' : null,
      learnedFrom: learned === undefined ? unreadable : [writeRows('learned', learned)],
    };
  }
  const trainRows = train === undefined ? undefined : writeRows('train', train);
  const isProfiled = given.isProfiled ?? trainRows !== undefined;
  const recorded = stageContext<Params>({
    params: given.params ?? { gate: { accuracy: { min: 0.5 } } },
    deps: {
      model: path('model'),
      metrics: await writeEvaluation(path('model'), testRows),
      test: testRows,
      ...(trainRows === undefined ? {} : { train: trainRows }),
      ...(isProfiled && trainRows !== undefined ? { profile: writeProfile(testRows, trainRows) } : {}),
    },
    hashes: { model: given.hash ?? 'a'.repeat(64) },
    outs: { release: 'json' },
    answers: { engine, pipeline: 'greys', champion, labelledRows: labelled, override },
  });
  made.push(recorded);
  let refusal: string | undefined;
  try {
    await stage.run(recorded.context);
  } catch (error) {
    const fault = raisedFailure(error);
    if (fault?.code !== 'STAGE_REFUSED') throw error;
    refusal = failureText(fault);
  }
  const gates = recorded.records.flatMap((record) => (record.kind === 'gate' ? [record] : []));
  return { ...recorded, gates, refusal };
}

/** The rows of one gate, short: name, slice, rows, verdict. */
export const of = ({ gates }: Deployed, gate: string) =>
  gates.filter((row) => row.gate === gate).map(({ name, slice, rows, verdict }) => [name, slice, rows, verdict]);

export const effectOf = ({ effects }: Deployed) =>
  effects.map((effect) => [effect.kind, 'reason' in effect ? effect.reason : '']);
