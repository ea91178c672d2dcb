import { counted } from '../../util/counted.ts';

/** What became of one prediction that was to be forgotten. */
export interface Forgotten {
  readonly id: string;
  /** The line of models that answered; null where only labels had come. */
  readonly line: string | null;
  /** Whether it had been forgotten before. */
  readonly isKnown: boolean;
  readonly hasInput: boolean;
  readonly labels: number;
  /** The run that accepted it for training, and the versions that learned from it; undefined where none did. */
  readonly learned: { readonly run: number; readonly versions: readonly number[] } | undefined;
}

export interface ForgottenWhere {
  /** False while somebody still reads the log as it was. */
  readonly isGone: boolean;
  /** The log. */
  readonly file: string;
  /** Copies of it that were made before, and may hold what was forgotten. */
  readonly copies: readonly string[];
}

/** For people: what is gone, and what is not. */
export function forgottenText(forgotten: readonly Forgotten[], { isGone, file, copies }: ForgottenWhere): string {
  const now = forgotten.filter(({ isKnown }) => !isKnown);
  const sum = (of: (one: Forgotten) => number): number => now.reduce((all, one) => all + of(one), 0);
  const parts = [
    counted(
      sum(({ hasInput }) => Number(hasInput)),
      'input',
    ),
    counted(
      sum(({ line }) => Number(line !== null)),
      'answer',
    ),
    counted(
      sum(({ labels }) => labels),
      'label',
    ),
  ];
  const [inputs, answers, labels] = parts;
  const lines = forgotten.filter(({ isKnown }) => isKnown).map(({ id }) => `${id} was forgotten before.`);
  if (now.length > 0)
    lines.unshift(
      `Forgot ${counted(now.length, 'prediction')}: ${inputs}, ${answers} and ${labels} are gone from ${file}.`,
    );
  for (const { id, line, learned } of now) if (learned !== undefined) lines.push(learnedText(id, line ?? '', learned));
  if (now.some(({ learned }) => learned !== undefined)) {
    lines.push('The next run collects without it; gc frees the old datasets as their runs go.');
  }
  if (!isGone) lines.push(`A copy stays in ${file}-wal until whoever reads the log right now is done.`);
  if (copies.length > 0) {
    lines.push(
      `${copies.join(', ')}: from before the log's schema changed, and not touched. Delete what you do not need.`,
    );
  }
  return lines.map((text) => `${text}\n`).join('');
}

function learnedText(id: string, line: string, { run, versions }: NonNullable<Forgotten['learned']>): string {
  const models =
    versions.length === 0
      ? 'no version was registered from them'
      : `${line} ${versions.map((one) => `v${one}`).join(', ')} learned from it`;
  return `${id} was accepted for training by run ${run}: datasets of later runs hold it, and ${models}.`;
}
