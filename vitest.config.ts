import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const lib = fileURLToPath(new URL('./lib/', import.meta.url));

/** What takes seconds. The whole command in a folder of its own is in the e2e tests, and what takes minutes in the slow ones. */
export default defineConfig({
  resolve: { alias: [{ find: /^mlloop\/(.*)$/, replacement: `${lib}$1.ts` }] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/slow/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: '100%',
  },
});
