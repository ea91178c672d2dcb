import { expect, test } from 'vitest';
import { createCallSize } from '../../lib/ml/onnx/call-size.ts';

test('calls grow while steps are short, shrink at once when they are long, and have a step at least', () => {
  const size = createCallSize();
  expect(size.next(100)).toBe(2);
  size.took(2, 1);
  expect(size.next(100)).toBe(100);
  size.took(100, 1000);
  expect(size.next(100)).toBe(10);
  size.took(10, 9000);
  expect(size.next(100)).toBe(1);
  expect(size.next(0)).toBe(0);
});
