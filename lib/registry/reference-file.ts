import { type Static, Type } from 'typebox';
import type { DriftReference, ReferenceFeatures } from '../domain/drift.ts';
import { err, ok, type Result } from '../util/result.ts';
import { schemaFault } from '../util/schema-fault.ts';

const closed = { additionalProperties: false } as const;
const counts = Type.Array(Type.Integer({ minimum: 0 }));

const Schema = Type.Object(
  {
    format: Type.Literal('mlloop-drift-reference'),
    version: Type.Literal(1),
    classes: Type.Array(Type.String(), { minItems: 1 }),
    rows: Type.Integer({ minimum: 0 }),
    sampleRows: Type.Integer({ minimum: 0 }),
    predicted: counts,
    labels: counts,
    columns: Type.Array(
      Type.Object(
        {
          group: Type.Union([Type.Literal('outputs'), Type.Literal('inputs')]),
          name: Type.String(),
          class: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
          edges: Type.Array(Type.Number()),
          sample: Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$' }),
        },
        closed,
      ),
    ),
    features: Type.Optional(
      Type.Object({ edges: Type.Array(Type.Array(Type.Number())), counts: Type.Array(counts) }, closed),
    ),
  },
  closed,
);

/** Bytes of one number of a sample. */
const NUMBER_BYTES = 4;

/** Reads a reference that came from elsewhere; the failure says what is wrong with it. */
export function parseReference(text: string): Result<DriftReference, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return err('it is not JSON');
  }
  const fault = schemaFault(Schema, json);
  if (fault !== undefined) return err(fault);
  const reference = json as Static<typeof Schema>;
  const { classes, predicted, labels, sampleRows, columns, features } = reference;
  if (predicted.length !== classes.length || labels.length !== classes.length) {
    return err(`it counts ${predicted.length} and ${labels.length} classes, and names ${classes.length}`);
  }
  const short = columns.find(({ sample }) => Buffer.from(sample, 'base64').length !== sampleRows * NUMBER_BYTES);
  if (short !== undefined) return err(`the sample of '${short.name}' does not have ${sampleRows} numbers`);
  const odd = features === undefined ? -1 : oddFeature(features);
  return odd < 0 ? ok(reference) : err(`feature ${odd} does not have one count for every bin`);
}

/** The first feature whose edges make another number of bins than are counted; -1 when all fit. */
function oddFeature({ edges, counts: counted }: ReferenceFeatures): number {
  const every = Array.from({ length: Math.max(edges.length, counted.length) }, (_, feature) => feature);
  return every.findIndex((feature) => counted[feature]?.length !== (edges[feature]?.length ?? -1) + 1);
}
