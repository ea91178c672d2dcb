import { type Static, type TSchema, Type } from 'typebox';
import { INPUTS_KEPT, OUT_KINDS } from '../domain/pipeline.ts';
import { RULES } from '../domain/rules.ts';

const closed = { additionalProperties: false } as const;

/** Folders, files and programs are called by these names, so that none may lead out of its place. */
const name = '^[a-z][A-Za-z0-9_-]{0,62}$';

const NAME_FORM = 'a small letter, then up to 62 letters, digits, - and _';

const variable = '^[A-Za-z_][A-Za-z0-9_]*$';

/** A map whose keys have a form, of which `names` tells people. */
const Named = <T extends TSchema>(
  pattern: string,
  value: T,
  more: { readonly names: string; [option: string]: unknown },
) => Type.Record(Type.String({ pattern }), value, { ...more, ...closed });

const Scalar = Type.Unknown({ description: 'Any YAML value.' });

const DURATION = '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$';

const Duration = (description: string, examples: readonly string[]) =>
  Type.String({ pattern: DURATION, description, examples: [...examples] });

const RetryYaml = Type.Object(
  {
    attempts: Type.Integer({ minimum: 1, maximum: 100, description: 'Tries in all, the first one included.' }),
    delay: Type.Optional(Duration('How long to wait before the second try (default: 1s).', ['2s', '500ms'])),
    factor: Type.Optional(Type.Number({ minimum: 1, description: 'Every wait is this many times the one before.' })),
    max: Type.Optional(Duration('The longest wait (default: 1m).', ['1m'])),
  },
  { ...closed, description: 'Tries again after a fault that may pass: a crash, a timeout, a broken download.' },
);

const WhenYaml = Type.Object(
  {
    param: Type.Optional(Type.String({ minLength: 1, description: "Dotted name of one of the stage's own params." })),
    metric: Type.Optional(
      Type.String({
        pattern: '^[a-z][A-Za-z0-9_-]*\\.[A-Za-z][A-Za-z0-9_]*$',
        examples: ['evaluate.accuracy'],
        description: 'STAGE.METRIC of a stage before this one; its last value counts.',
      }),
    ),
    model: Type.Optional(Type.String({ description: 'Of several models, the one the metric speaks of.' })),
    split: Type.Optional(Type.String({ description: 'Of several splits, the one the metric was measured on.' })),
    equals: Type.Optional(Scalar),
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
  },
  { ...closed, description: 'The stage is skipped, and what reads from it, unless this holds.' },
);

const KeepYaml = Type.Object(
  {
    runs: Type.Optional(Type.Integer({ minimum: 1, description: 'How many of the last runs are kept (default: 50).' })),
    days: Type.Optional(Type.Integer({ minimum: 0, description: 'Younger runs are kept, too (default: 90).' })),
  },
  { ...closed, description: 'Whose outs `gc` leaves alone.' },
);

const LogYaml = Type.Object(
  {
    inputs: Type.Optional(
      Type.Enum([...INPUTS_KEPT], {
        description:
          'Whose inputs are kept: of no prediction, of those that get a label (default: labelled), or of all. What has no input teaches nothing.',
      }),
    ),
    days: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'How long an input waits for a label before it is deleted (default: 30).',
      }),
    ),
    keep: Type.Optional(
      Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('forever')], {
        description:
          'How many days an answer that nobody has labelled stays on record; a labelled one always does (default: 90, and forever with `inputs: all`).',
      }),
    ),
  },
  {
    ...closed,
    // An input is of no use without its answer.
    notAbove: { days: 'keep' },
    description: 'What `predict` and the server keep of what they are asked.',
  },
);

const RetrainYaml = Type.Object(
  {
    age: Type.Optional(
      Duration('Fires when the champion was not held against another model for so long.', ['30d', '12h']),
    ),
    rules: Type.Optional(RULES),
    cooldown: Type.Optional(Duration('At least so long between two retrainings (default: 12h).', ['20h'])),
    promotions: Type.Optional(
      Type.Integer({ minimum: 1, description: 'At most so many models put live in 24 hours (default: 1).' }),
    ),
  },
  { ...closed, description: 'When `retrain` starts a run by itself, and when it must not.' },
);

const DepYaml = Type.Union([
  Type.String({
    minLength: 1,
    description: "'STAGE.OUT', or a path of the repository: a file or a folder, hashed by content.",
  }),
  Type.Object(
    {
      first: Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description: 'Paths; the first that exists is the dep. A path whose $VARIABLE is not set does not exist.',
      }),
      optional: Type.Optional(Type.Boolean({ description: 'Whether the stage also runs where none of them exists.' })),
    },
    closed,
  ),
]);

const StageYaml = Type.Object(
  {
    desc: Type.Optional(Type.String({ description: 'What the stage does, in a sentence.' })),
    run: Type.Optional(
      Type.String({
        pattern: '\\.ts$',
        examples: ['stages/train.ts'],
        description: 'A TypeScript stage: the path of its file.',
      }),
    ),
    cmd: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description: 'Any program, as a list of arguments; {deps.NAME}, {outs.NAME} and {params.NAME} are filled in.',
      }),
    ),
    deps: Type.Optional(Named(name, DepYaml, { names: NAME_FORM })),
    params: Type.Optional(Type.Record(Type.String(), Scalar)),
    outs: Type.Optional(Named(name, Type.Enum([...OUT_KINDS]), { names: NAME_FORM })),
    env: Type.Optional(
      Named(variable, Type.String(), {
        names: 'letters, digits and _, and no digit at the beginning',
        description: 'Environment variables given to the stage; part of its key.',
      }),
    ),
    secrets: Type.Optional(
      Type.Array(Type.String({ pattern: variable }), {
        uniqueItems: true,
        description:
          'Names of environment variables given to the stage; their values are never keyed, stored or shown.',
      }),
    ),
    timeout: Type.Optional(Duration('How long the stage may take.', ['90s', '10m', '1.5h'])),
    retry: Type.Optional(RetryYaml),
    when: Type.Optional(WhenYaml),
    always: Type.Optional(Type.Boolean({ description: 'Whether it executes in every run, whatever is in place.' })),
    mutex: Type.Optional(
      Type.String({ minLength: 1, description: 'Stages with the same name here never run side by side.' }),
    ),
  },
  closed,
);

/** pipeline.yaml: the one source of its types, of the checks, and of pipeline.schema.json that editors read. */
export const PipelineYaml = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z][a-z0-9-]*$',
      maxLength: 63,
      examples: ['digits', 'ticket-routing'],
      description: "The pipeline's name, and its models'.",
    }),
    seed: Type.Integer({ minimum: 1, maximum: 2147483647, description: 'Everything random derives from it.' }),
    stages: Named(name, StageYaml, { names: NAME_FORM, minProperties: 1 }),
    keep: Type.Optional(KeepYaml),
    log: Type.Optional(LogYaml),
    retrain: Type.Optional(RetrainYaml),
    profiles: Type.Optional(
      Named(name, Type.Record(Type.String(), Scalar), {
        names: NAME_FORM,
        description: 'Named sets of overrides: key path to value, applied with --profile NAME.',
      }),
    ),
  },
  { ...closed, title: 'mlloop pipeline' },
);

export type PipelineYaml = Static<typeof PipelineYaml>;

export type StageYaml = Static<typeof StageYaml>;
