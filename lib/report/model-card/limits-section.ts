import type { EvaluationFacts } from '../../domain/version-facts.ts';
import type { CardInput } from './card-input.ts';
import { plain } from './markdown.ts';

/** What nobody should expect of it, from what is known of it. */
export function limitsSection({ model, facts }: CardInput): string {
  const { classes, trainedOn, spec } = model;
  const { evaluation } = facts;
  const shape = spec.input.join(' x ');
  const limits = [
    ...(trainedOn.generated
      ? ['It learned from GENERATED DATA: a program made its rows, and no number here says how it does on real ones.']
      : []),
    `It always answers with one of its ${classes.length} classes, also for what is none of them. A low largest probability is the only sign, and no proof.`,
    `A row has to look like those it learned from: ${shape} raw values, as their source gives them. Scaling is inside the model; whatever else was done to them (cropping, centring, inverting) has to be done the same way.`,
    evaluation === null
      ? 'How it does on rows of which source is not on record any more.'
      : 'The numbers above are of rows from the same sources. On rows from elsewhere it may do worse, and nobody has measured that.',
    ...(evaluation === null ? [] : weakestClass(evaluation)),
    ...calibration(evaluation),
    'It was not tested against rows that somebody changed to mislead it, nor for being fair to groups of people.',
    '`golden.json` holds a few of the rows it learned from with the answers training gave, to test a copy: whoever gets this folder gets those rows.',
  ];
  return limits.map((limit) => `- ${limit}`).join('\n');
}

function weakestClass({ classes, perClass, confusion }: EvaluationFacts): string[] {
  const scored = perClass
    .map(({ recall, support }, at) => ({ at, recall, support }))
    .filter(({ support }) => support > 0);
  const weakest = scored.reduce<(typeof scored)[number] | undefined>(
    (worst, one) => (worst === undefined || one.recall < worst.recall ? one : worst),
    undefined,
  );
  if (weakest === undefined || weakest.recall === 1) return [];
  const row = confusion.slice(weakest.at * classes.length, (weakest.at + 1) * classes.length);
  const wrong = row.map((count, at) => (at === weakest.at ? -1 : count));
  const taken = wrong.indexOf(Math.max(...wrong));
  const name = (at: number): string => plain(classes[at] ?? String(at));
  const found = `${row[weakest.at] ?? 0} of ${weakest.support}`;
  return [
    `It does worst on the class ${name(weakest.at)}: it finds ${found}, and takes the others most often for ${name(taken)}.`,
  ];
}

function calibration(evaluation: EvaluationFacts | null): string[] {
  const error = evaluation?.overall['calibrationError'];
  if (error === undefined) return [];
  const points = (100 * error).toFixed(1);
  return [`How sure it is and how often it is right differ by ${points} percentage points on average.`];
}
