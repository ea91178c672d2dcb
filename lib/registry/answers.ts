import { join } from 'node:path';
import { openStore } from '../cache/store.ts';
import type { EngineChoice, EngineOffer } from '../domain/engine.ts';
import type { Champion, ChampionAnswer, FeedbackState, Questions, ReadName } from '../domain/questions.ts';
import { labelDelay } from '../runlog/accuracy.ts';
import { acceptedCuts, proposedCuts, type RecordedCut } from '../runlog/cuts.ts';
import { driftReference, judgedWindows, lastWindow } from '../runlog/drift.ts';
import {
  acceptedRows,
  countWithoutInput,
  hasRealLabels,
  labelledPredictions,
  lastLabelId,
  newestLabelledRows,
} from '../runlog/feedback.ts';
import { countForgotten, countLost } from '../runlog/forget.ts';
import type { RunLog } from '../runlog/open.ts';
import { lastPrediction, pendingAnswers } from '../runlog/pending-answers.ts';
import { countPredictions } from '../runlog/predictions.ts';
import { aliasedVersion, aliasedVersions, trainingDatasets } from '../runlog/registry.ts';
import { countUnmatched } from '../runlog/unmatched-labels.ts';
import { sha256 } from '../util/hash.ts';
import { canonicalJson, type Json } from '../util/json.ts';
import { countNews } from './feedback-news.ts';
import { versionFaults } from './version-faults.ts';

export const CHAMPION = 'champion';

export interface AnswersOptions {
  readonly log: RunLog;
  /** The folder of runs.db and artifacts/. */
  readonly state: string;
  readonly engine: EngineOffer;
  /** The pipeline's name. */
  readonly pipeline: string;
  readonly round: number;
  /** Why a person wants the run's model live whatever the gates say. */
  readonly override: string | undefined;
}

export interface Answers {
  ask<Name extends ReadName>(name: Name, input: Questions[Name]['input']): Questions[Name]['answer'];
  digest(name: ReadName): string;
}

type Answerers = {
  readonly [Name in ReadName]: (input: Questions[Name]['input']) => Questions[Name]['answer'];
};

/** Answers what stages ask of the log, and tells when an answer may have changed. */
export function createAnswers({ log, state, engine, pipeline, round, override }: AnswersOptions): Answers {
  const answerers: Answerers = {
    engine: () => engine,
    champion: ({ line }) => championAnswer(log, state, line),
    reference: ({ line }) => championAnswer(log, state, line),
    labelledRows: ({ line, limit }) => newestLabelledRows(log, line, limit),
    override: () => override ?? null,
    labels: ({ line }) => feedbackState(log, state, line),
    drift: ({ line, ...size }) => {
      const version = aliasedVersion(log, line, CHAMPION)?.version;
      if (version === undefined) return null;
      const pending = pendingAnswers(log, line, version, size);
      return { reference: driftReference(log, line, version), pending };
    },
    driftWindows: ({ line, limit }) => {
      const version = aliasedVersion(log, line, CHAMPION)?.version;
      return version === undefined ? { real: [], simulated: [] } : judgedWindows(log, line, version, limit);
    },
    acceptedFeedback: ({ line }) => {
      const cut = acceptedCuts(log).find((one) => one.line === line);
      return cut === undefined ? [] : acceptedRows(log, cut);
    },
    pipeline: () => pipeline,
    round: () => round,
  };
  const seenOf = ({ engine: name, backend, version }: EngineChoice): Json => [name, backend, version];
  const seen: { readonly [Name in ReadName]: () => Json } = {
    engine: () => ['problem' in engine.onnx ? null : seenOf(engine.onnx), seenOf(engine.tfjs)],
    champion: () => champions(log),
    // Who only judges by it makes the same whatever it is; a stage that reads the champion itself judges again.
    reference: () => null,
    // A model is judged once: one that is tried again with every label that comes is found better by chance in the end.
    labelledRows: () => null,
    // What a person said is for this run alone.
    override: () => null,
    // What was forgotten changes answers that no label and no cut changes.
    labels: () => [champions(log), lastLabelId(log), proposed(log), ...ifAny(countForgotten(log)), ...givenBack(log)],
    drift: () => [champions(log), lastPrediction(log)],
    driftWindows: () => [champions(log), lastWindow(log), proposed(log)],
    acceptedFeedback: () => seenOfCuts(log, acceptedCuts(log)),
    pipeline: () => pipeline,
    // A round only says whether another one may follow; counting it would run the whole of a later plain run again.
    round: () => null,
  };
  return {
    ask: (name, input) => answerers[name](input),
    digest: (name) => sha256(canonicalJson(seen[name]())).slice(0, 16),
  };
}

const champions = (log: RunLog): Json =>
  aliasedVersions(log, CHAMPION).map(({ line, version, hash }) => [line, version, hash]);

const seenOfCuts = (log: RunLog, cuts: readonly RecordedCut[]): Json =>
  cuts.map((cut) => [cut.line, cut.simulated, cut.lastLabel, ...ifAny(countLost(log, cut))]);

const proposed = (log: RunLog): Json => seenOfCuts(log, proposedCuts(log));

/** What is learned from where that is not what was proposed last. */
const givenBack = (log: RunLog): readonly Json[] =>
  proposedCuts(log).some(({ outcome }) => outcome === 'given_back') ? [seenOfCuts(log, acceptedCuts(log))] : [];

/** Nothing forgotten leaves every key as it was before anything could be. */
const ifAny = (count: number): readonly number[] => (count === 0 ? [] : [count]);

/** The version a line's champion alias points at. */
export function championOf(log: RunLog, state: string, line: string): Champion | null {
  const row = aliasedVersion(log, line, CHAMPION);
  if (row === undefined) return null;
  return { line, version: row.version, modelHash: row.hash, folder: join(state, row.folder) };
}

function championAnswer(log: RunLog, state: string, line: string): ChampionAnswer | null {
  const champion = championOf(log, state, line);
  if (champion === null) return null;
  const store = openStore(join(state, 'artifacts', 'objects'));
  const learnedFrom = trainingDatasets(log, line, champion.version).filter((hash) => store.has(hash));
  return {
    ...champion,
    problem: versionFaults(champion.folder, champion.modelHash)[0] ?? null,
    learnedFrom: learnedFrom.map((hash) => store.pathOf(hash)),
  };
}

function feedbackState(log: RunLog, state: string, line: string): FeedbackState {
  const champion = championOf(log, state, line);
  return {
    champion,
    predictions: champion === null ? { real: 0, simulated: 0 } : countPredictions(log, line, champion.version),
    labelled: champion === null ? [] : labelledPredictions(log, line, champion.version),
    ...countNews(log, line),
    labelDelay: champion === null ? null : labelDelay(log, line, champion.version),
    hasRealLabels: hasRealLabels(log, line),
    withoutInput: countWithoutInput(log, line),
    unmatched: countUnmatched(log),
  };
}
