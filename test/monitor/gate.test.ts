import { describe, expect, test } from 'vitest';
import { checkGate, refusalText } from '../../lib/monitor/gate.ts';

const metrics = { accuracy: 0.95, logLoss: 0.2 };

describe('a gate', () => {
  test('passes what is exactly at its limit', () => {
    const checks = checkGate({ limits: { accuracy: { min: 0.95 }, logLoss: { max: 0.2 } }, metrics, rows: 100 });
    expect(checks.map(({ name, limit, verdict }) => [name, limit, verdict])).toEqual([
      ['accuracy', 'min', 'passed'],
      ['logLoss', 'max', 'passed'],
    ]);
  });

  test('checks both ends of a limit', () => {
    const checks = checkGate({ limits: { accuracy: { min: 0.9, max: 0.94 } }, metrics, rows: 100 });
    expect(checks.map(({ limit, verdict }) => [limit, verdict])).toEqual([
      ['min', 'passed'],
      ['max', 'refused'],
    ]);
  });

  test.each([
    ['is missing', {}],
    ['is not a number', { accuracy: Number.NaN }],
  ])('refuses a metric that %s: nothing proves it', (_, seen) => {
    const [atLeast, atMost] = checkGate({ limits: { accuracy: { min: 0, max: 1 } }, metrics: seen, rows: 1 });
    expect([atLeast?.verdict, atMost?.verdict]).toEqual(['refused', 'refused']);
    expect([atLeast?.value, atMost?.value]).toEqual([0, Number.MAX_VALUE]);
  });

  test('is told check by check', () => {
    const checks = checkGate({ limits: { accuracy: { min: 0.97 }, logLoss: { max: 0.3 } }, metrics, rows: 1000 });
    expect(refusalText(checks)).toBe(`The gate refuses this model: 1 of 2 checks failed. The champion stays.
  accuracy  0.95  at least 0.97  on 1000 rows  refused
  logLoss   0.2  at most 0.3  on 1000 rows  passed`);
  });
});
