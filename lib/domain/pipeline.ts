import type { Json, JsonObject } from '../util/json.ts';
import type { Place } from './place.ts';
import type { RetrainPolicy } from './retrain.ts';

/** What an out holds; it decides how the out is checked and shown. */
export const OUT_KINDS = ['dataset', 'model', 'json', 'html', 'file', 'folder'] as const;

export type OutKind = (typeof OUT_KINDS)[number];

/** Kinds that are folders; the others are single files. */
const FOLDER_KINDS: readonly OutKind[] = ['dataset', 'model', 'folder'];

export const isFolderKind = (kind: OutKind): boolean => FOLDER_KINDS.includes(kind);

/** Something a stage reads: an out of another stage, or the first that exists of some paths. */
export type Dep =
  | { readonly kind: 'out'; readonly stage: string; readonly out: string }
  | { readonly kind: 'path'; readonly candidates: readonly string[]; readonly optional: boolean };

/** What a stage executes: a TypeScript module, or a program with its arguments. */
export type Action =
  | { readonly kind: 'module'; readonly file: string }
  | { readonly kind: 'program'; readonly argv: readonly string[] };

/** What is filled into a program's arguments: {deps.NAME}, {outs.NAME}, {params.NAME}. */
export const FILLING = /\{(deps|outs|params)\.([A-Za-z0-9_-]+)\}/g;

/** What a value has to be for a condition to hold; bounds are inclusive, and all that are given have to hold. */
export interface Comparison {
  readonly equals?: Json;
  readonly min?: number;
  readonly max?: number;
}

/** When a stage takes part in a run: a param of its own, or a metric that a stage before it reported. */
export type Condition =
  | { readonly kind: 'param'; readonly path: string; readonly comparison: Comparison }
  | {
      readonly kind: 'metric';
      readonly stage: string;
      readonly metric: string;
      readonly model: string | undefined;
      readonly split: string | undefined;
      readonly comparison: Comparison;
    };

/** How often a stage is tried, and how long the runner waits in between. */
export interface RetryPolicy {
  /** Tries in all, the first one included. */
  readonly attempts: number;
  readonly delayMs: number;
  /** Every wait is this many times the one before. */
  readonly factor: number;
  readonly maxMs: number;
}

/** Which runs' outs are kept when others are freed: the last ones, and all younger than so many days. */
export interface KeepPolicy {
  readonly runs: number;
  readonly days: number;
}

/** Whose inputs are kept: of no prediction, of those that get a label, or of all. */
export const INPUTS_KEPT = ['none', 'labelled', 'all'] as const;

/**
 * What is kept of a prediction's input. A label without its input trains nothing, so `labelled` keeps every input so many days
 * for a label to come, and those that got one for good.
 */
export interface InputPolicy {
  readonly inputs: (typeof INPUTS_KEPT)[number];
  readonly days: number;
}

/** What is kept of predictions: their inputs, and for how many days an answer that nobody labels. */
export interface LogPolicy extends InputPolicy {
  readonly keep: number | 'forever';
}

/** One node of the pipeline, validated. */
export interface Stage {
  readonly name: string;
  readonly description: string;
  readonly action: Action;
  readonly deps: Readonly<Record<string, Dep>>;
  readonly params: JsonObject;
  readonly outs: Readonly<Record<string, OutKind>>;
  /** Names and values given to the stage on top of the allow-list; part of its key. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of environment variables passed on to the stage; their values are never keyed, stored or shown. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number | undefined;
  readonly retry: RetryPolicy;
  readonly when: Condition | undefined;
  /** True when it executes in every run it takes part in. */
  readonly always: boolean;
  /** Stages of one mutex never run side by side. */
  readonly mutex: string | undefined;
  /** Where the stage stands in pipeline.yaml. */
  readonly at: Place;
}

/** A whole pipeline.yaml with profile and overrides applied: names resolve, the graph has no cycle. */
export interface Pipeline {
  readonly name: string;
  /** A positive integer; everything random derives from it. */
  readonly seed: number;
  /** In the file's order until the graph is built; then every stage after those it reads from. */
  readonly stages: readonly Stage[];
  readonly keep: KeepPolicy;
  readonly log: LogPolicy;
  readonly retrain: RetrainPolicy;
  /** The profile applied, and overrides by key path, for the record. */
  readonly profile: string | undefined;
  readonly overrides: Readonly<Record<string, string>>;
}
