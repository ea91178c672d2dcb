import { expect, test } from 'vitest';
import { heldText } from '../../lib/report/console/taken-state-text.ts';

test('tells what a log holds, one of a kind as one', () => {
  const rows = { model_version: 1, prediction: 2, label: 1 };
  expect(heldText({ lastRun: { run: 3 }, rows })).toBe('runs up to 3, 1 model version, 2 predictions, 1 label');
  expect(heldText({ lastRun: null, rows: {} })).toBe('no runs, 0 model versions, 0 predictions, 0 labels');
});
