import { type Dataset, openDataset } from '../../data/dataset.ts';
import { labelledRows } from '../../data/feedback-rows.ts';
import type { EngineChoice } from '../../domain/engine.ts';
import type { EvaluationFile } from '../../domain/evaluation.ts';
import { type Failure, failureText } from '../../domain/failure.ts';
import { type GateRecord, gateRecord } from '../../domain/gate.ts';
import type { ChampionAnswer, LabelledRow } from '../../domain/questions.ts';
import { orRaise } from '../../domain/raised.ts';
import { answerSlice, type Slice } from '../../ml/answer-slices.ts';
import { whyNotComparable } from '../../ml/comparable.ts';
import { pairedMacroF1 } from '../../ml/metrics/paired-macro-f1.ts';
import { readModelCard } from '../../ml/model-card.ts';
import { championGate } from '../../monitor/gates/champion.ts';
import { compareByBootstrap } from '../../monitor/gates/compare-by-bootstrap.ts';
import type { filledPolicy } from '../../monitor/gates/model-params.ts';
import { ok, type Result } from '../../util/result.ts';
import { childSeed } from '../../util/seed.ts';

/** A model that stands for deployment. */
export interface Challenger {
  readonly folder: string;
  /** Content hash of its files. */
  readonly hash: string | undefined;
  readonly evaluation: EvaluationFile;
  readonly test: Dataset;
  /** What it was fitted on; undefined where nobody knows. */
  readonly train: Dataset | undefined;
  readonly choice: EngineChoice;
}

export interface Comparing {
  readonly challenger: Challenger;
  readonly champion: ChampionAnswer | null;
  readonly policy: ReturnType<typeof filledPolicy>;
  readonly seed: number;
  readonly labelled: {
    /** What comparing on them is called. */
    readonly slice: string;
    /** The newest rows of a line that people have labelled. */
    readonly rows: (asked: { readonly line: string; readonly limit: number }) => Promise<readonly LabelledRow[]>;
    /** Simulated feedback that was held out; undefined where there is none. */
    readonly simulated: Dataset | undefined;
  };
}

/** The champion asked again, on the rows of this run and on what people have labelled since. */
export async function besideChampion(comparing: Comparing): Promise<GateRecord[]> {
  const { challenger, champion, policy, seed } = comparing;
  const instead = (verdict: GateRecord['verdict'], note: string): GateRecord[] => [
    gateRecord({ gate: 'champion', name: 'champion', verdict, note }),
  ];
  if (champion === null) return instead('first_model', 'nothing is live yet that it could be compared with');
  const name = `${champion.line} v${champion.version}`;
  if (champion.modelHash === challenger.hash) return instead('already_live', `${name} holds the same bytes`);
  const lost = (problem: string): GateRecord[] => instead('lost', `${name} is on record, but ${problem}`);
  if (champion.problem !== null) return lost(champion.problem);
  const card = readModelCard(champion.folder);
  if (!card.ok) return lost(failureText(card.failure));
  const reason = whyNotComparable(orRaise(readModelCard(challenger.folder)), card.value);
  if (reason !== undefined) return instead('not_comparable', reason);

  const asked = await askBoth(comparing, champion);
  if (!asked.ok) return lost(`it cannot be asked: ${failureText(asked.failure)}`);
  const slices = asked.value;
  const { classes } = challenger.evaluation;
  if (policy.metric === 'accuracy') return championGate({ slices, classes, policy });
  return championGate({
    slices,
    classes,
    policy,
    compare: (slice, confidence) =>
      compareByBootstrap(slice, {
        name: 'macroF1Difference',
        kindsOf: (rows) => pairedMacroF1(rows, classes.length),
        confidence,
        seed: childSeed(seed, slice.slice),
      }),
  });
}

/** Both models’ answers to the test rows, and to what people have labelled; the failure is the champion’s. */
async function askBoth(
  { challenger: { folder, evaluation, test, train, choice }, policy, labelled }: Comparing,
  champion: ChampionAnswer,
): Promise<Result<Slice[], Failure>> {
  const challenger = { folder, learnedFrom: train === undefined ? undefined : [train] };
  const pair = { challenger, champion: { folder: champion.folder, learnedFrom: rowsOf(champion) }, choice };
  const { predicted } = evaluation;
  const asked = { slice: 'test', dataset: test, ...pair, ...(predicted === undefined ? {} : { predicted }) };
  const onTest = await answerSlice(asked);
  if (!onTest.ok) return onTest;
  if (policy.feedback === 0) return ok([onTest.value]);
  const given = await labelled.rows({ line: champion.line, limit: policy.feedback });
  const { dataset, unfit } = orRaise(labelledRows(test, given));
  const onFeedback = await answerSlice({ slice: labelled.slice, dataset, ...pair });
  if (!onFeedback.ok) return onFeedback;
  if (given.length === 0 && labelled.simulated !== undefined) {
    // There is only the simulation to compare on; it is called so wherever it is told.
    const onReplayed = await answerSlice({ slice: 'simulated feedback', dataset: labelled.simulated, ...pair });
    return onReplayed.ok ? ok([onTest.value, onReplayed.value]) : onReplayed;
  }
  const notes = [
    given.length === 0 ? 'nobody has labelled an answer yet' : '',
    unfit > 0 ? `${unfit} do not fit` : '',
    onFeedback.value.note,
  ];
  return ok([onTest.value, { ...onFeedback.value, note: notes.filter((note) => note !== '').join('; ') }]);
}

/** What the champion learned from; undefined where that is not known, or cannot be read any more. */
function rowsOf({ learnedFrom }: ChampionAnswer): readonly Dataset[] | undefined {
  const opened = learnedFrom.map((path) => openDataset(path));
  const read = opened.flatMap((dataset) => (dataset.ok ? [dataset.value] : []));
  return read.length === 0 || read.length < opened.length ? undefined : read;
}
