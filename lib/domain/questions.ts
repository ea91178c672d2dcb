import type { DriftReference, DriftVerdict } from './drift.ts';
import type { EngineOffer } from './engine.ts';

/** The model an alias points at. */
export interface Champion {
  readonly line: string;
  readonly version: number;
  /** Content hash of its files, as in the store. */
  readonly modelHash: string;
  /** Absolute path of the version's folder. */
  readonly folder: string;
}

/** A champion, and what is known of how it came about. */
export interface ChampionAnswer extends Champion {
  /** Why its files are not those that were registered: 'it is gone', 'weights.bin has other bytes'; null when they are. */
  readonly problem: string | null;
  /** Absolute paths of the datasets it was fitted on; none where that is not known, or they are no longer in the store. */
  readonly learnedFrom: readonly string[];
}

/** A row that people have labelled, as it was asked about. */
export interface LabelledRow {
  readonly labelId: number;
  readonly label: number;
  /** The raw features as the model saw them, row-major bytes. */
  readonly input: Uint8Array;
}

/** One answered prediction whose true label is known. */
export interface LabelledPrediction {
  readonly labelId: number;
  readonly predictionId: string;
  readonly line: string;
  readonly version: number;
  readonly predicted: number;
  readonly label: number;
  readonly simulated: boolean;
}

/** From answers to their first labels, in milliseconds. */
export interface LabelDelay {
  readonly medianMs: number;
  /** Nine in ten took no longer. */
  readonly p90Ms: number;
}

/** What is known of the live side of one line's champion. */
export interface FeedbackState {
  readonly champion: Champion | null;
  /** Predictions answered by the champion. */
  readonly predictions: { readonly real: number; readonly simulated: number };
  /** The last label of each labelled prediction of the champion. */
  readonly labelled: readonly LabelledPrediction[];
  /** Labels of the line that no run has tried to learn from yet, and that one could: their input is on record. */
  readonly fresh: { readonly real: number; readonly simulated: number };
  /** Those that one has tried to learn from last and was refused: they are tried again together with fresh ones. */
  readonly givenBack: { readonly real: number; readonly simulated: number };
  /** How long people's labels of the champion's answers took; null without labels. */
  readonly labelDelay: LabelDelay | null;
  /** True once a real label exists for the line: simulation has to stop. */
  readonly hasRealLabels: boolean;
  /** Real labelled predictions of the line whose input is not on record: nothing can be learned from them. */
  readonly withoutInput: number;
  /** Labels, of whatever line, whose prediction is not on record. */
  readonly unmatched: number;
}

/** One answer that no window has judged. */
export interface PendingAnswer {
  /** Its place in the log: later ones have larger numbers. */
  readonly number: number;
  readonly predictionId: string;
  readonly predicted: number;
  readonly probabilities: readonly number[];
  /** The raw features as the model saw them; null when they are not on record. */
  readonly input: Uint8Array | null;
}

/** Real answers of one version that no window has judged, in the order they came. */
export interface PendingAnswers {
  readonly answers: readonly PendingAnswer[];
  /** How many more there are, all of them older: whole windows that are passed over. */
  readonly older: number;
  /** Labels of the version that no window has counted, each that of one prediction. */
  readonly labels: readonly number[];
  /** The newest of them, by its id; null when there is none. */
  readonly lastLabel: number | null;
}

/** What a window that was judged came to, newest first. */
export interface JudgedWindows {
  readonly real: readonly DriftVerdict[];
  readonly simulated: readonly DriftVerdict[];
}

/** What is needed to judge whether a line's champion sees other rows than it was judged on. */
export interface DriftState {
  /** Null where the champion's version has none. */
  readonly reference: DriftReference | null;
  readonly pending: PendingAnswers;
}

/** A row of accepted feedback, ready to join a training set. */
export interface AcceptedRow {
  readonly labelId: number;
  readonly line: string;
  readonly label: number;
  readonly simulated: boolean;
  /** The raw features as the model saw them, row-major bytes; null when they are not on record, and nothing can be learned. */
  readonly input: Uint8Array | null;
}

/** What a stage may ask of the log, by name. A read is a dep: a digest of its answer is in the stage's key. */
export interface Questions {
  /** The training engines that work here. */
  readonly engine: { readonly input: null; readonly answer: EngineOffer };
  /** The champion of a line of models, if any. */
  readonly champion: { readonly input: { readonly line: string }; readonly answer: ChampionAnswer | null };
  /** The same, by a stage that only judges by it: what it makes does not depend on the answer. */
  readonly reference: { readonly input: { readonly line: string }; readonly answer: ChampionAnswer | null };
  /** The newest rows of a line that people have labelled and whose input is on record, newest first. */
  readonly labelledRows: {
    readonly input: { readonly line: string; readonly limit: number };
    readonly answer: readonly LabelledRow[];
  };
  /** Why a person wants this run's model live whatever the gates say; null where nobody does. */
  readonly override: { readonly input: null; readonly answer: string | null };
  /** Predictions and labels of a line's champion. */
  readonly labels: { readonly input: { readonly line: string }; readonly answer: FeedbackState };
  /** Answers of a line's champion that wait to be compared with its reference; null without a champion. */
  readonly drift: {
    /** Rows of a window, and at most how many windows. */
    readonly input: { readonly line: string; readonly rows: number; readonly windows: number };
    readonly answer: DriftState | null;
  };
  /** The newest windows of a line's champion that were judged since a follow-up run last learned from feedback. */
  readonly driftWindows: {
    readonly input: { readonly line: string; readonly limit: number };
    readonly answer: JudgedWindows;
  };
  /** Feedback that a decision to retrain has accepted for a line, and that no refused run gave back. */
  readonly acceptedFeedback: { readonly input: { readonly line: string }; readonly answer: readonly AcceptedRow[] };
  /** The pipeline's name: the line its models belong to. */
  readonly pipeline: { readonly input: null; readonly answer: string };
  /** How many follow-up runs led to this one; 0 for a run a person or schedule started. */
  readonly round: { readonly input: null; readonly answer: number };
}

export type ReadName = keyof Questions;

export const READ_NAMES = [
  'engine',
  'champion',
  'reference',
  'labelledRows',
  'override',
  'labels',
  'drift',
  'driftWindows',
  'acceptedFeedback',
  'pipeline',
  'round',
] as const satisfies readonly ReadName[];
