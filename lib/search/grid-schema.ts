import { Type } from 'typebox';
import { SETTINGS } from '../ml/settings.ts';

const list = <Schema extends Parameters<typeof Type.Array>[0]>(schema: Schema) =>
  Type.Optional(Type.Array(schema, { minItems: 1 }));

/** One grid: every setting that training knows, with the values to try. */
const OneGrid = Type.Object(
  {
    hidden: list(SETTINGS.hidden),
    layers: list(SETTINGS.layers),
    activation: list(SETTINGS.activation),
    dropout: list(SETTINGS.dropout),
    l2: list(SETTINGS.l2),
    optimizer: list(SETTINGS.optimizer),
    learningRate: list(SETTINGS.learningRate),
    schedule: list(SETTINGS.schedule),
    batch: list(SETTINGS.batch),
    epochs: list(SETTINGS.epochs),
    patience: list(SETTINGS.patience),
  },
  { additionalProperties: false, minProperties: 1 },
);

/** A grid, or several searched one after the other. */
export const GridSchema = Type.Union([OneGrid, Type.Array(OneGrid, { minItems: 1 })]);
