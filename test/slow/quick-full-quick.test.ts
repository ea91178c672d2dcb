import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Project, shippedProject } from '../rig/project.ts';

const data = process.env['MLLOOP_DATA'];

describe.skipIf(data === undefined)('with MNIST in the folder MLLOOP_DATA names', () => {
  let project: Project;
  beforeAll(() => {
    project = shippedProject();
  });
  afterAll(() => project.dispose());

  const env = { MLLOOP_DATA: data ?? '' };

  test('quick, full, quick in one folder all end well; each on its own line, and the last one is restored', async () => {
    const quick = await project.mlloop(['run', '--profile', 'quick'], env);
    expect(quick.status, quick.stderr).toBe(0);
    expect(quick.stderr).toContain('digits-demo v1, deployed by this run');

    const full = await project.mlloop(['run'], env);
    expect(full.status, full.stderr).toBe(0);
    expect(full.stderr).not.toContain('GENERATED DATA');
    expect(full.stderr).toContain('digits v1, deployed by this run');
    const scored =
      "SELECT value FROM v_metrics WHERE run = 2 AND name = 'accuracy' AND split = 'test' AND model = 'optimised'";
    expect(project.rows<{ value: number }>(scored)[0]?.value).toBeGreaterThan(0.97);

    const again = await project.mlloop(['run', '--profile', 'quick'], env);
    expect(again.status, again.stderr).toBe(0);
    expect(again.stderr).toContain('digits-demo v1, as before');
    const restored = "SELECT stage FROM attempt WHERE run = 3 AND status = 'cached' ORDER BY id";
    expect(project.rows(restored)).toEqual(
      ['collect', 'preprocess', 'train', 'optimize', 'evaluate'].map((stage) => ({ stage })),
    );
    expect(project.rows('SELECT line, version FROM alias ORDER BY line')).toEqual([
      { line: 'digits', version: 1 },
      { line: 'digits-demo', version: 1 },
    ]);
  });
});
