import { describe, test } from 'vitest';
import { BLOCK_STEPS } from '../../lib/ml/onnx/optimizers/rule.ts';
import { describeParity, expectParity } from '../ml/parity.ts';

describe('ONNX Runtime goes where TensorFlow.js goes', () => {
  describeParity([200]);

  // What decays is kept in the units of its block, and brought back where the next one begins.
  test.each(['momentum', 'rmsprop', 'adam'] as const)('%s, past a block of steps', (optimizer) =>
    expectParity('dense, relu', optimizer, BLOCK_STEPS + 10),
  );
});
