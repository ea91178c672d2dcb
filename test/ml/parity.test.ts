import { describe } from 'vitest';
import { describeParity } from './parity.ts';

describe('ONNX Runtime goes where TensorFlow.js goes', () => {
  describeParity([1, 10]);
});
