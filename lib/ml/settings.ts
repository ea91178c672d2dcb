import { type Static, Type } from 'typebox';
import type { Hyperparameters, LayerSpec, ModelSpec } from '../domain/model.ts';
import { canonicalJson, type Json } from '../util/json.ts';
import { LayerSchema } from './layer-schema.ts';

const closed = { additionalProperties: false } as const;

const Schedule = Type.Union([
  Type.Object({ type: Type.Literal('constant') }, closed),
  Type.Object(
    {
      type: Type.Literal('step'),
      every: Type.Integer({ minimum: 1 }),
      factor: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    },
    closed,
  ),
  Type.Object({ type: Type.Literal('cosine') }, closed),
]);

/** Everything a person may set about a model and its training, and a grid may vary. */
export const SETTINGS = {
  hidden: Type.Array(Type.Integer({ minimum: 1, maximum: 100_000 }), { description: 'Units of each hidden layer.' }),
  layers: Type.Array(LayerSchema, {
    description:
      'All layers before the last, in place of hidden, activation and dropout; the last is one softmax unit a class.',
  }),
  activation: Type.Union([Type.Literal('relu'), Type.Literal('sigmoid'), Type.Literal('tanh')]),
  dropout: Type.Number({ minimum: 0, exclusiveMaximum: 1, description: 'Share of hidden units dropped in a step.' }),
  l2: Type.Number({ minimum: 0, description: 'Factor of the squared weights in the loss.' }),
  optimizer: Type.Union([
    Type.Literal('sgd'),
    Type.Literal('momentum'),
    Type.Literal('adagrad'),
    Type.Literal('rmsprop'),
    Type.Literal('adam'),
  ]),
  learningRate: Type.Number({ exclusiveMinimum: 0 }),
  schedule: Schedule,
  batch: Type.Integer({ minimum: 1 }),
  epochs: Type.Integer({ minimum: 1 }),
  validation: Type.Number({ minimum: 0, maximum: 0.9, description: 'Share of the rows held out to watch the fit.' }),
  patience: Type.Integer({ minimum: 0, description: 'Epochs without gain before the fit stops; 0 for never.' }),
} as const;

const SettingsSchema = Type.Object({ ...SETTINGS, layers: Type.Optional(SETTINGS.layers) });

/** A whole setting: the model's shape and how it is fitted. */
export type Settings = Static<typeof SettingsSchema>;

export const DEFAULT_SETTINGS: Settings = {
  hidden: [100],
  activation: 'relu',
  dropout: 0,
  l2: 0,
  optimizer: 'adam',
  learningRate: 0.001,
  schedule: { type: 'constant' },
  batch: 128,
  epochs: 5,
  validation: 0.1,
  patience: 0,
};

/** A classifier: its layers, or hidden ones with dropout after each; then one softmax unit a class. */
export function classifierSpec(
  settings: Settings,
  shape: { readonly input: readonly number[]; readonly classes: number },
): ModelSpec {
  const { l2 } = settings;
  const layers = settings.layers === undefined ? hiddenLayers(settings) : withFactor(settings.layers, l2);
  return {
    input: shape.input,
    layers: [...layers, { type: 'dense', units: shape.classes, activation: 'softmax', l2 }],
    loss: 'softmaxCrossEntropy',
  };
}

const hiddenLayers = ({ hidden, activation, dropout, l2 }: Settings): LayerSpec[] =>
  hidden.flatMap((units): LayerSpec[] => [
    { type: 'dense', units, activation, l2 },
    ...(dropout > 0 ? [{ type: 'dropout', rate: dropout } as const] : []),
  ]);

/** A layer that names no factor of its own has the setting's. */
const withFactor = (layers: readonly LayerSpec[], l2: number): LayerSpec[] =>
  layers.map((layer) => (layer.type === 'dense' || layer.type === 'conv2d' ? { l2, ...layer } : layer));

/** A setting with what a candidate names in place of its own. Hidden layers take the place of a list of layers. */
export function withCandidate(baseline: Settings, candidate: { readonly [name: string]: Json }): Settings {
  const { layers, ...others } = baseline;
  const own = layers === undefined || ('hidden' in candidate && !('layers' in candidate)) ? others : baseline;
  return { ...own, ...candidate } as Settings;
}

/** The same setting without rows held out that nothing would be decided by: without patience the last epoch stands. */
export const withoutIdleRows = (settings: Settings): Settings =>
  settings.patience > 0 ? settings : { ...settings, validation: 0 };

export function hyperparametersOf(settings: Settings): Hyperparameters {
  const { optimizer, learningRate, schedule, batch, epochs, validation, patience } = settings;
  return { optimizer, learningRate, schedule, batch, epochs, validation, patience };
}

/** The setting a saved model was made with, read back from its spec and hyperparameters. */
export function settingsOf(spec: ModelSpec, hyperparameters: Hyperparameters): Settings {
  const dense = spec.layers.flatMap((layer) => (layer.type === 'dense' ? [layer] : []));
  const dropped = spec.layers.find((layer) => layer.type === 'dropout');
  const [first, last] = [dense[0], dense.at(-1)];
  const activation = first?.activation;
  const plain: Settings = {
    hidden: dense.slice(0, -1).map(({ units }) => units),
    activation: activation === 'sigmoid' || activation === 'tanh' ? activation : 'relu',
    dropout: dropped?.rate ?? 0,
    l2: last?.l2 ?? 0,
    ...hyperparameters,
  };
  const made = classifierSpec(plain, { input: spec.input, classes: last?.units ?? 0 });
  const isPlain = canonicalJson(made as unknown as Json) === canonicalJson(spec as unknown as Json);
  if (isPlain) return plain;
  const layers = spec.layers.slice(0, -1).map((layer) => withoutFactor(layer, plain.l2));
  return { ...plain, layers: layers as NonNullable<Settings['layers']> };
}

/** A factor that is the setting's is not the layer's own: with another setting it is another. */
function withoutFactor(layer: LayerSpec, setting: number): LayerSpec {
  if (!('l2' in layer) || layer.l2 !== setting) return layer;
  const { l2: _, ...others } = layer;
  return others;
}
