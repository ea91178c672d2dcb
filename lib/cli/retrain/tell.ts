import { randomUUID } from 'node:crypto';
import { appendFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatFailure } from '../../domain/failure.ts';
import { outcomeOf, type RetrainResult } from '../../domain/retrain-result.ts';
import { retrainJson, retrainOutputs } from '../../report/retrain/retrain-json.ts';
import { retrainMarkdown } from '../../report/retrain/retrain-markdown.ts';
import { retrainLine, rulesText } from '../../report/retrain/retrain-text.ts';
import { writeFileAtomic } from '../../util/fs-atomic.ts';
import { withinBytes } from '../../util/within-bytes.ts';
import type { Io } from '../io.ts';
import { targetFault } from '../target-fault.ts';

export interface Told {
  readonly json: boolean;
  /** A file for the Markdown summary. */
  readonly summary: string | undefined;
}

/** GitHub drops a step's whole summary where it is larger than 1 MiB. */
const SUMMARY_LIMIT = 1 << 20;

/** Tells a call's result: to people, to programs, and to the GitHub job it may be a step of. */
export function tellResult(result: RetrainResult, { json, summary }: Told, io: Io): void {
  if (outcomeOf(result) === 'skipped') io.stderr(`Retraining of ${result.line}\n${rulesText(result)}\n`);
  io.stdout(json ? retrainJson(result) : `${retrainLine(result)}\n`);
  const markdown = retrainMarkdown(result);
  if (summary !== undefined) writeSummary(summary, markdown, io);
  const { GITHUB_STEP_SUMMARY: stepSummary, GITHUB_OUTPUT: outputs } = io.env;
  if (stepSummary !== undefined && stepSummary !== '') appendSummary(stepSummary, markdown, result);
  if (outputs !== undefined && outputs !== '') appendFileSync(outputs, outputLines(retrainOutputs(result)));
}

/** What the summary tells has been done, and on stdout it is told: a place where it cannot be written changes nothing of that. */
function writeSummary(summary: string, markdown: string, io: Io): void {
  try {
    writeFileAtomic(resolve(io.cwd, summary), markdown);
  } catch (error) {
    const fault = targetFault(error, { target: summary, cwd: io.cwd, state: io.cwd });
    io.stderr(`${formatFailure(fault)}\n`);
  }
}

function appendSummary(file: string, markdown: string, { runs }: RetrainResult): void {
  const used = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const where = runs[0] === undefined ? 'the log' : `npm run show -- ${runs[0].run}`;
  appendFileSync(file, withinBytes(markdown, SUMMARY_LIMIT - used, `\n*Cut here: the rest is in ${where}.*\n`));
}

/** Each behind a delimiter of its own, so that no value can be taken for another name. */
function outputLines(values: Readonly<Record<string, string>>): string {
  const delimiter = `mlloop-${randomUUID()}`;
  return Object.entries(values)
    .map(([name, value]) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`)
    .join('');
}
