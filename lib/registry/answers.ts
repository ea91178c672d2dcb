import { join } from 'node:path';
import type { EngineChoice, EngineOffer } from '../domain/engine.ts';
import type { Champion, FeedbackState, Questions, ReadName } from '../domain/questions.ts';
import {
  acceptedCuts,
  acceptedRows,
  countLabelledSince,
  countWithoutInput,
  hasRealLabels,
  labelledPredictions,
  lastLabelId,
} from '../runlog/feedback.ts';
import { countForgotten, countLost } from '../runlog/forget.ts';
import type { RunLog } from '../runlog/open.ts';
import { countPredictions } from '../runlog/predictions.ts';
import { aliasedVersion, aliasedVersions } from '../runlog/registry.ts';
import { countUnmatched } from '../runlog/unmatched-labels.ts';
import { sha256 } from '../util/hash.ts';
import { canonicalJson, type Json } from '../util/json.ts';

export const CHAMPION = 'champion';

export interface AnswersOptions {
  readonly log: RunLog;
  /** The folder of runs.db and artifacts/. */
  readonly state: string;
  readonly engine: EngineOffer;
  /** The pipeline's name. */
  readonly pipeline: string;
  readonly round: number;
}

export interface Answers {
  ask<Name extends ReadName>(name: Name, input: Questions[Name]['input']): Questions[Name]['answer'];
  digest(name: ReadName): string;
}

type Answerers = {
  readonly [Name in ReadName]: (input: Questions[Name]['input']) => Questions[Name]['answer'];
};

/** Answers what stages ask of the log, and tells when an answer may have changed. */
export function createAnswers({ log, state, engine, pipeline, round }: AnswersOptions): Answers {
  const answerers: Answerers = {
    engine: () => engine,
    champion: ({ line }) => championOf(log, state, line),
    labels: ({ line }) => feedbackState(log, state, line),
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
    // What was forgotten changes answers that no label and no cut changes.
    labels: () => [champions(log), lastLabelId(log), cuts(log), ...ifAny(countForgotten(log))],
    acceptedFeedback: () => cuts(log),
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

const cuts = (log: RunLog): Json =>
  acceptedCuts(log).map((cut) => [cut.line, cut.simulated, cut.lastLabel, ...ifAny(countLost(log, cut))]);

/** Nothing forgotten leaves every key as it was before anything could be. */
const ifAny = (count: number): readonly number[] => (count === 0 ? [] : [count]);

/** The version a line's champion alias points at. */
export function championOf(log: RunLog, state: string, line: string): Champion | null {
  const row = aliasedVersion(log, line, CHAMPION);
  if (row === undefined) return null;
  return { line, version: row.version, modelHash: row.hash, folder: join(state, row.folder) };
}

function feedbackState(log: RunLog, state: string, line: string): FeedbackState {
  const champion = championOf(log, state, line);
  const cut = acceptedCuts(log).find((one) => one.line === line)?.lastLabel ?? 0;
  return {
    champion,
    predictions: champion === null ? { real: 0, simulated: 0 } : countPredictions(log, line, champion.version),
    labelled: champion === null ? [] : labelledPredictions(log, line, champion.version),
    fresh: countLabelledSince(log, line, cut),
    hasRealLabels: hasRealLabels(log, line),
    withoutInput: countWithoutInput(log, line),
    unmatched: countUnmatched(log),
  };
}
