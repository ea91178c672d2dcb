import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** What takes minutes: real training, kills at random moments. Two files at a time, as the machine has cores. `.ci/run` calls it. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: [] } },
  defineConfig({ test: { include: ['test/slow/**/*.test.ts'], testTimeout: 900_000 } }),
);
