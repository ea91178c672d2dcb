import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Project, shippedProject } from '../rig/project.ts';

const data = process.env['MLLOOP_DATA'];

describe.skipIf(data === undefined)('with MNIST in the folder MLLOOP_DATA names, the profile drift', () => {
  let project: Project;
  let status: number | null;
  beforeAll(async () => {
    project = shippedProject();
    ({ status } = await project.mlloop(['run', '--profile', 'drift'], { MLLOOP_DATA: data ?? '' }));
  }, 300_000);
  afterAll(() => project.dispose());

  test('ends with a follow-up that is better in the changed world and not proven worse in the old one', () => {
    expect(status).toBe(0);
    expect(project.rows("SELECT line, version FROM alias WHERE alias = 'champion'")).toEqual([
      { line: 'digits-drift', version: 2 },
    ]);
    const [onTest, onFeedback] = project.rows<{ verdict: string; low: number }>(
      `SELECT verdict, low FROM v_gates WHERE run = 2 AND gate = 'champion' AND name = 'accuracyDifference'`,
    );
    expect(onTest?.verdict).not.toBe('worse');
    expect(onTest?.low).toBeGreaterThan(-0.01);
    expect(onFeedback?.verdict).toBe('better');
    expect(onFeedback?.low).toBeGreaterThan(0.2);
  });

  test('finds drift before the follow-up and none after it', () => {
    const windows = project.rows<{ version: number; verdict: string }>('SELECT version, verdict FROM drift_window');
    const of = (version: number) => windows.filter((one) => one.version === version).map(({ verdict }) => verdict);
    expect(of(1)).toEqual(['no_drift', 'drift', 'drift', 'drift']);
    expect(of(2)).toEqual(['no_drift', 'no_drift', 'no_drift', 'no_drift']);
  });
});
