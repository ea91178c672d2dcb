import { expect, test } from 'vitest';
import { createCallSize } from '../../lib/ml/onnx/call-size.ts';

test('calls grow while steps are short, shrink at once when they are long, and have a step at least', () => {
  const size = createCallSize();
  expect(size.next(100)).toBe(2);
  size.took(2, 1);
  expect(size.next(100)).toBe(100);
  size.took(100, 1000);
  expect(size.next(100)).toBe(6);
  size.took(6, 5400);
  expect(size.next(100)).toBe(1);
  expect(size.next(0)).toBe(0);
});
