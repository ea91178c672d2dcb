import { describe } from 'vitest';
import { describeParity } from '../ml/parity.ts';

describe('ONNX Runtime goes where TensorFlow.js goes', () => {
  describeParity([200]);
});
