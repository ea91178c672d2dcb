import { EXIT } from '../exit-code.ts';
import { defineFailure } from './define.ts';

/** Faults of pipeline.yaml, of the command line, and of the graph they declare. */
export const configFailures = {
  CONFIG_NOT_FOUND: defineFailure<{ readonly file: string }>({
    exit: EXIT.usage,
    text: ({ file }) => `There is no ${file}.`,
    hint: () => 'Go to the folder that holds pipeline.yaml, or name it with --root DIR.',
  }),
  CONFIG_SYNTAX: defineFailure<{ readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ problem }) => `This is not valid YAML: ${problem}.`,
  }),
  CONFIG_INVALID: defineFailure<{ readonly path: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ path, problem }) => `${path === '' ? 'The file' : path} ${problem}.`,
  }),
  CONFIG_UNKNOWN_KEY: defineFailure<{
    readonly path: string;
    readonly key: string;
    readonly known: readonly string[];
    readonly suggestion: string;
  }>({
    exit: EXIT.usage,
    text: ({ path, key, suggestion }) => `${path === '' ? 'The file' : path} has an unknown key '${key}'.${suggestion}`,
    hint: ({ known }) => `Known here: ${known.join(', ')}.`,
  }),
  CONFIG_UNKNOWN_VALUE: defineFailure<{
    readonly path: string;
    readonly seen: string;
    readonly known: readonly string[];
    readonly suggestion: string;
  }>({
    exit: EXIT.usage,
    text: ({ path, seen, suggestion }) => `${path} is ${seen}, which is not known.${suggestion}`,
    hint: ({ known }) => `Known: ${known.join(', ')}.`,
  }),
  CONFIG_OVERRIDE: defineFailure<{ readonly override: string; readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ override, problem }) => `--set ${override}: ${problem}${problem.endsWith('?') ? '' : '.'}`,
    hint: () => 'Write --set STAGE.params.NAME=VALUE, with the value as in YAML.',
  }),
  CONFIG_UNKNOWN_PROFILE: defineFailure<{
    readonly profile: string;
    readonly known: readonly string[];
    readonly suggestion: string;
  }>({
    exit: EXIT.usage,
    text: ({ profile, suggestion }) => `There is no profile '${profile}'.${suggestion}`,
    hint: ({ known }) => `Declared: ${known.join(', ') || 'none'}.`,
  }),
  GRAPH_DANGLING_DEP: defineFailure<{
    readonly stage: string;
    readonly dep: string;
    readonly target: string;
    readonly suggestion: string;
  }>({
    exit: EXIT.usage,
    text: ({ stage, dep, target, suggestion }) =>
      `${stage}.deps.${dep} reads '${target}', which no stage makes.${suggestion}`,
  }),
  GRAPH_CYCLE: defineFailure<{ readonly loop: readonly string[] }>({
    exit: EXIT.usage,
    text: ({ loop }) => `These stages wait for each other: ${loop.join(' -> ')}.`,
    hint: () => 'Take one of these deps away.',
  }),
  GRAPH_UNKNOWN_STAGE: defineFailure<{
    readonly stage: string;
    readonly known: readonly string[];
    readonly suggestion: string;
  }>({
    exit: EXIT.usage,
    text: ({ stage, suggestion }) => `There is no stage '${stage}'.${suggestion}`,
    hint: ({ known }) => `Declared: ${known.join(', ')}.`,
  }),
  GRAPH_EMPTY_SELECTION: defineFailure<{ readonly from: string; readonly to: string }>({
    exit: EXIT.usage,
    text: ({ from, to }) => `No stage lies between --from ${from} and --to ${to}: ${from} comes after ${to}.`,
  }),
  USAGE_MISSING_DASHES: defineFailure<{ readonly corrected: string }>({
    exit: EXIT.usage,
    text: () => 'npm kept the options for itself: what follows `npm run` needs a `--` before it.',
    hint: ({ corrected }) => `Type: ${corrected}`,
  }),
  USAGE_OUTPUT: defineFailure<{ readonly problem: string }>({
    exit: EXIT.usage,
    text: ({ problem }) => `Not all of the answer could be written to where it was to go (stdout): ${problem}.`,
    hint: () => 'What is there is not whole. Make room, or send it somewhere else, and ask again.',
  }),
  USAGE: defineFailure<{ readonly problem: string; readonly next: string }>({
    exit: EXIT.usage,
    text: ({ problem }) => problem,
    hint: ({ next }) => next,
  }),
} as const;
