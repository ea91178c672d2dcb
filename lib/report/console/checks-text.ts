import type { Check } from '../../domain/check.ts';

/** One line each, what to do below it, and a last line that sums up. */
export function checksText(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, status, text, next }) => [
    `${status.padEnd(4)}  ${name.padEnd(width)}  ${text}`,
    ...(next === undefined ? [] : [`${' '.repeat(4)}  ${' '.repeat(width)}  ${next}`]),
  ]);
  const count = (status: Check['status']): number => checks.filter((check) => check.status === status).length;
  const [faults, warnings] = [count('bad'), count('warn')];
  const worth = warnings === 0 ? '' : `; ${warnings} worth knowing`;
  lines.push(faults === 0 ? `Nothing is bad${worth}.` : `${faults} bad${worth}.`);
  return `${lines.join('\n')}\n`;
}
