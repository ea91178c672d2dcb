import type { ExitCode } from './exit-code.ts';
import { configFailures } from './failures/config.ts';
import { dataFailures } from './failures/data.ts';
import type { FailureDefinition } from './failures/define.ts';
import { exchangeFailures } from './failures/exchange.ts';
import { registryFailures } from './failures/registry.ts';
import { restoreFailures } from './failures/restore.ts';
import { retrainFailures } from './failures/retrain.ts';
import { runlogFailures } from './failures/runlog.ts';
import { serveFailures } from './failures/serve.ts';
import { stageFailures } from './failures/stage.ts';
import { trainFailures } from './failures/train.ts';
import { transferFailures } from './failures/transfer.ts';
import { verifyFailures } from './failures/verify.ts';
import { formatPlace, type Place } from './place.ts';

/** Every expected failure, by its code. A code is never given a second meaning. */
export const FAILURES = {
  ...configFailures,
  ...stageFailures,
  ...dataFailures,
  ...trainFailures,
  ...registryFailures,
  ...runlogFailures,
  ...verifyFailures,
  ...restoreFailures,
  ...transferFailures,
  ...serveFailures,
  ...retrainFailures,
  ...exchangeFailures,
} as const;

export type FailureCode = keyof typeof FAILURES;

export type FailureFields<C extends FailureCode> =
  (typeof FAILURES)[C] extends FailureDefinition<infer Fields> ? Fields : never;

/** An expected outcome that is not success, as data: it crosses processes and is stored as it is. */
export interface Failure<C extends FailureCode = FailureCode> {
  readonly type: 'failure';
  readonly code: C;
  readonly fields: FailureFields<C>;
  readonly at?: Place;
}

export function failure<C extends FailureCode>(code: C, fields: FailureFields<C>, at?: Place): Failure<C> {
  return at === undefined ? { type: 'failure', code, fields } : { type: 'failure', code, fields, at };
}

/** The table's row for a failure; the cast is sound because `fields` was checked against `code` when it was made. */
const rowOf = (fault: Failure): FailureDefinition<Failure['fields']> =>
  FAILURES[fault.code] as unknown as FailureDefinition<Failure['fields']>;

export const exitCodeOf = (fault: Failure): ExitCode => rowOf(fault).exit;

export const isTransient = (fault: Failure): boolean => rowOf(fault).isTransient ?? false;

export const failureText = (fault: Failure): string => rowOf(fault).text(fault.fields);

export const failureHint = (fault: Failure): string | undefined => rowOf(fault).hint?.(fault.fields);

/** The whole message for people: place, text, the line with a caret, and what to do next. */
export function formatFailure(fault: Failure): string {
  const lines = [`${fault.at === undefined ? '' : `${formatPlace(fault.at)} `}${failureText(fault)}`];
  if (fault.at?.text !== undefined) {
    const gutter = `  ${fault.at.line} | `;
    lines.push(`${gutter}${fault.at.text}`, `${' '.repeat(gutter.length + fault.at.column - 1)}^`);
  }
  const hint = failureHint(fault);
  if (hint !== undefined) lines.push(hint);
  return lines.join('\n');
}

export function isFailure(value: unknown): value is Failure {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'failure' &&
    'code' in value &&
    typeof value.code === 'string' &&
    Object.hasOwn(FAILURES, value.code)
  );
}
