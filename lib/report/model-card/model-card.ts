import type { LayerSpec } from '../../domain/model.ts';
import { shownTime, shownValue } from '../runs/format.ts';
import { callsSection } from './calls-section.ts';
import type { CardInput } from './card-input.ts';
import { dataSection } from './data-section.ts';
import { limitsSection } from './limits-section.ts';
import { markdownTable, plain } from './markdown.ts';
import { scoresSection } from './scores-section.ts';

/** Files of an export by name, for whoever opens the folder. */
const FILES: readonly (readonly [string, string])[] = [
  ['`model.json`, `weights.bin`', 'the model in TensorFlow.js’ layers format, scaling included'],
  ['`model.onnx`', 'the same model for any ONNX runtime (opset 17), scaling included'],
  ['`transform.json`', 'the scaling alone (`raw * scale + offset`), for whoever rebuilds the model by hand'],
  ['`mlloop.json`', 'layers, hyperparameters, classes'],
  ['`golden.json`', 'rows with the answers training gave, to test a copy against'],
  ['`drift-reference.json`', 'where it is there: what later answers are compared with, to find drift'],
  ['`version.json`', 'what this card says, for programs'],
  ['`SHA256SUMS`', 'sums of all files: `sha256sum -c SHA256SUMS`'],
];

/**
 * The model card of an exported version (Mitchell et al., Model Cards for Model Reporting, 2019): what it is, what it learned
 * from, how good it is and on what, what it cannot do, and how to ask it.
 */
export function modelCard(input: CardInput): string {
  const { line, version, model, facts } = input;
  const title = `${line} v${version}`;
  const parts = [
    `# ${title}`,
    ...(model.trainedOn.generated
      ? ['**GENERATED DATA: a program made the rows it learned from; nothing here says how it does on real ones.**']
      : []),
    `Takes rows of ${model.spec.input.join(' x ')} raw values and tells which of ${model.classes.length} classes each belongs to: ${model.classes.map(plain).join(', ')}.`,
    '## What it is',
    aboutTable(input),
    '## What it learned from',
    dataSection(facts, model.trainedOn.rows),
    '## How good it is',
    scoresSection(facts),
    '## Limits',
    limitsSection(input),
    '## How to ask it',
    callsSection(input),
    '## Files',
    markdownTable(['file', 'what'], FILES),
    'Another registry takes the whole folder with `npx mlloop models import DIR`, which checks every sum and asks the model its golden rows.',
  ];
  return `${parts.join('\n\n')}\n`;
}

function aboutTable({ hash, model, facts, parameters }: CardInput): string {
  const { made, at } = facts;
  const { engine, hyperparameters, epochs } = model;
  const code =
    made.gitCommit === null
      ? 'not in git'
      : `\`${made.gitCommit}\`${made.isDirty ? ', with changes that are not committed' : ''}`;
  const settings = Object.entries(hyperparameters).map(([name, value]) => `${name} ${shownValue(value)}`);
  return markdownTable(
    ['', ''],
    [
      ['layers', plain(model.spec.layers.map(layerText).join(', '))],
      ['parameters', String(parameters)],
      ['fitted with', plain(settings.join(', '))],
      ['epochs', `${epochs.run}, the weights of epoch ${epochs.kept} kept`],
      ['engine', plain(`${engine.engine} ${engine.version}, ${engine.backend}`)],
      ['made by', `run ${made.run} (${plain(made.uid)}), ${shownTime(at)} UTC`],
      ['code', code],
      ['hash of its files', `\`${hash}\``],
    ],
  );
}

function layerText({ type, ...fields }: LayerSpec): string {
  const told = Object.entries(fields).map(([name, value]) => `${name} ${shownValue(value)}`);
  return told.length === 0 ? type : `${type} (${told.join(', ')})`;
}
