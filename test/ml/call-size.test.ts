import { expect, test } from 'vitest';
import { callSizeOf, createCallSize } from '../../lib/ml/onnx/call-size.ts';

test('calls grow while steps are short, shrink at once when they are long, and have a step at least', () => {
  const size = createCallSize(1280);
  expect(size.next(100)).toBe(2);
  size.took(2, 1);
  expect(size.next(100)).toBe(100);
  size.took(100, 1000);
  expect(size.next(100)).toBe(6);
  size.took(6, 5400);
  expect(size.next(100)).toBe(1);
  expect(size.next(0)).toBe(0);
});

test('a short call, of which much is no step, makes the next ones no smaller', () => {
  const size = createCallSize(640);
  size.took(2, 1.2);
  size.took(100, 20);
  size.took(1, 0.9);
  expect(size.next(1000)).toBe(150);
  // The machine is slower, or the call was long for another reason: that counts.
  size.took(1, 20);
  expect(size.next(1000)).toBe(3);
});

test('calls of many answers have fewer steps, so that memory does not grow with the classes', () => {
  const size = createCallSize(256 * 1000);
  size.took(2, 1);
  expect(size.next(100)).toBe(4);
  const huge = createCallSize(4096 * 1000);
  huge.took(2, 1);
  expect(huge.next(100)).toBe(1);
});

test('a program is not found out about twice, but for batches of another size', () => {
  const [program, other] = [{}, {}];
  callSizeOf(program, { batch: 64, answers: 10 }).took(2, 2);
  expect(callSizeOf(program, { batch: 64, answers: 10 }).next(100)).toBe(60);
  expect(callSizeOf(program, { batch: 128, answers: 10 }).next(100)).toBe(2);
  expect(callSizeOf(other, { batch: 64, answers: 10 }).next(100)).toBe(2);
});
