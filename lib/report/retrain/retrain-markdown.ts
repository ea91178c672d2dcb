import { GATE_HEAD } from '../../domain/gate-text.ts';
import type { RuleRecord } from '../../domain/records.ts';
import type { RetrainResult, RetrainRun } from '../../domain/retrain-result.ts';
import type { SummaryModel } from '../../domain/summary.ts';
import { formatDuration } from '../../util/duration.ts';
import { shortGates } from '../console/short-gates.ts';
import { markdownTable, plain } from '../model-card/markdown.ts';
import { shownNumber, shownTime } from '../runs/format.ts';
import { retrainLine } from './retrain-text.ts';

/** By this a comment on a pull request is found again, so that there is one and not many. */
export const marker = (line: string): string => `<!-- mlloop retrain ${line} -->`;

/** What a call decided and came to, as Markdown. */
export function retrainMarkdown(result: RetrainResult): string {
  const { line, at, profile, asked, decision, runs } = result;
  const word = { if_needed: 'if needed', now: 'now', force: 'by force' }[asked];
  const parts = [
    marker(line),
    `## Retraining of ${plain(line)}`,
    `**${plain(retrainLine(result))}**`,
    `Decided ${shownTime(at)} UTC, asked for ${word}${profile === null ? '' : `, profile ${plain(profile)}`}. ${
      decision.verdict === 'skipped' ? '' : `Why: ${plain(decision.reason)}.`
    }`.trim(),
    rulesTable(decision.triggers, decision.brakes),
    ...runs.map(runSection),
  ];
  return `${parts.join('\n\n')}\n`;
}

function rulesTable(triggers: readonly RuleRecord[], brakes: readonly RuleRecord[]): string {
  const row =
    (fires: string) =>
    ({ name, value, threshold, fired, note }: RuleRecord): string[] => [
      plain(name),
      shownNumber(value),
      shownNumber(threshold),
      fired ? `**${fires}**` : 'no',
      plain(note),
    ];
  return markdownTable(
    ['rule', 'value', 'threshold', 'verdict', 'what was seen'],
    [...triggers.map(row('fired')), ...brakes.map(row('holds back'))],
    [1, 2],
  );
}

function runSection({ run, status, exitCode, durationMs, summary }: RetrainRun): string {
  const { dataset, models, gates, outcome, notes } = summary;
  const code = exitCode === 0 ? '' : ` (exit ${exitCode})`;
  const said =
    outcome === null ? [] : [`Gates: ${outcome.verdict}${outcome.reason === '' ? '' : `, ${outcome.reason}`}`];
  return [
    `### Run ${run} ${status.replace('_', ' ')} in ${formatDuration(durationMs)}${code}`,
    ...(dataset?.generated ? ['**GENERATED DATA**: nothing here says how the model does on real ones.'] : []),
    ...(dataset === null
      ? []
      : [`${plain(dataset.source)}: ${dataset.train} training rows, ${dataset.test} test rows.`]),
    ...(models.length === 0 ? [] : [modelsTable(models)]),
    ...said.map(plain),
    ...(gates.length === 0
      ? []
      : [
          markdownTable(
            GATE_HEAD,
            shortGates(gates).map((cells) => GATE_HEAD.map((_, at) => plain(cells[at] ?? ''))),
          ),
        ]),
    ...(notes.length === 0 ? [] : [notes.map(({ title, text }) => `- ${plain(title)}: ${plain(text)}`).join('\n')]),
  ].join('\n\n');
}

const modelsTable = (models: readonly SummaryModel[]): string =>
  markdownTable(
    ['model', 'cross-validated', 'test accuracy', 'macro F1'],
    models.map(({ name, cv, test }) => [
      plain(name),
      shownNumber(cv?.mean),
      shownNumber(test?.accuracy),
      shownNumber(test?.macroF1),
    ]),
    [1, 2, 3],
  );
