import { type Static, Type } from 'typebox';
import { OUT_KINDS } from '../domain/pipeline.ts';

const closed = { additionalProperties: false } as const;

const name = '^[a-z][A-Za-z0-9_-]*$';

const Scalar = Type.Unknown({ description: 'Any YAML value.' });

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
    deps: Type.Optional(Type.Record(Type.String({ pattern: name }), DepYaml)),
    params: Type.Optional(Type.Record(Type.String(), Scalar)),
    outs: Type.Optional(Type.Record(Type.String({ pattern: name }), Type.Enum([...OUT_KINDS]))),
    env: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), Type.String(), {
        description: 'Environment variables given to the stage; part of its key.',
      }),
    ),
    timeout: Type.Optional(
      Type.String({
        pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$',
        description: 'How long the stage may take.',
        examples: ['90s', '10m', '1.5h'],
      }),
    ),
  },
  closed,
);

/** pipeline.yaml: the one source of its types, of the checks, and of pipeline.schema.json that editors read. */
export const PipelineYaml = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z][a-z0-9-]*$',
      examples: ['digits', 'ticket-routing'],
      description: "The pipeline's name, and its models'.",
    }),
    seed: Type.Integer({ minimum: 1, maximum: 2147483647, description: 'Everything random derives from it.' }),
    stages: Type.Record(Type.String({ pattern: name }), StageYaml, { minProperties: 1 }),
    profiles: Type.Optional(
      Type.Record(Type.String({ pattern: name }), Type.Record(Type.String(), Scalar), {
        description: 'Named sets of overrides: key path to value, applied with --profile NAME.',
      }),
    ),
  },
  { ...closed, title: 'mlloop pipeline' },
);

export type PipelineYaml = Static<typeof PipelineYaml>;

export type StageYaml = Static<typeof StageYaml>;
