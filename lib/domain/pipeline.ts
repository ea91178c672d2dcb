import type { JsonObject } from '../util/json.ts';
import type { Place } from './place.ts';

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
  readonly timeoutMs: number | undefined;
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
  /** The profile applied, and overrides by key path, for the record. */
  readonly profile: string | undefined;
  readonly overrides: Readonly<Record<string, string>>;
}
