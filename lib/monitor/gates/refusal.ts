import { type GateRecord, refuses } from '../../domain/gate.ts';
import { gateLines } from '../../domain/gate-text.ts';

const NO_LIMITS = [
  'No gate is declared, so nothing says what this model has to prove. It is not deployed.',
  'Declare limits in the stage’s params: gate: { accuracy: { min: 0.95 } }',
];

const overrideHint = (what: string): string =>
  `To ${what} all the same, and have it on record: npm run pipeline -- --override "WHY", with this run's --profile and --set`;

/** The refusal of a run's rows as people read it; `hints` say what else may be wrong with them. */
export function dataRefusalText(rows: readonly GateRecord[], hints: readonly string[] = []): string {
  const refused = rows.filter(refuses);
  return [
    `The data gate refuses these rows: ${refused.length} of ${rows.length} checks failed. Nothing is trained on them.`,
    ...gateLines(rows).map((line) => `  ${line}`),
    `Look at the source. Where the rows are right, move the limit in the stage’s params: check: { ${refused[0]?.name}: { error: … } }`,
    ...hints,
    overrideHint('go on'),
  ].join('\n');
}

/** More classes than this are not told one by one where they passed. */
const SHOWN_CLASSES = 20;

function tableOf(rows: readonly GateRecord[]): string[] {
  const ofClass = ({ slice }: GateRecord): boolean => slice?.startsWith('class ') ?? false;
  const isMany = (row: GateRecord): boolean =>
    rows.filter((other) => ofClass(other) && other.name === row.name).length > SHOWN_CLASSES;
  const hidden = rows.filter((row) => ofClass(row) && !refuses(row) && row.verdict !== 'worse' && isMany(row));
  return [
    ...gateLines(rows.filter((row) => !hidden.includes(row))).map((line) => `  ${line}`),
    ...(hidden.length === 0 ? [] : [`  and ${hidden.length} checks of single classes that refuse nothing`]),
  ];
}

/** The refusal of a model as people read it: one line a check, every value beside what it has to be. */
export function refusalText(rows: readonly GateRecord[]): string {
  const refused = rows.filter(refuses);
  const isUndeclared = refused.some(({ gate, name }) => gate === 'absolute' && name === 'limits');
  const isBroken = refused.some(({ gate }) => gate === 'serving');
  return [
    ...(isUndeclared ? NO_LIMITS : []),
    `The gates refuse this model: ${refused.length} of ${rows.length} checks failed. The champion stays.`,
    ...tableOf(rows),
    ...(isBroken
      ? ['It does not answer as it was trained to, so nothing puts it live.']
      : [overrideHint('put it live')]),
  ].join('\n');
}
