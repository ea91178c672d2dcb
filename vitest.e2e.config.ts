import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The real command in a temporary folder. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: [] } },
  defineConfig({ test: { include: ['test/e2e/**/*.test.ts'], testTimeout: 180_000, hookTimeout: 180_000 } }),
);
