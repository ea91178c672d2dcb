import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { sourceStack } from '../../lib/util/source-stack.ts';
import { temporaryFolder } from '../data/temporary-folder.ts';

const path = temporaryFolder();

test('a stack trace of a built file names the places in its sources', () => {
  writeFileSync(path('fault.ts'), '\n\nexport const fault = (): never => {\n  throw new Error("here");\n};\n');
  writeFileSync(
    path('main.ts'),
    "import { fault } from './fault.ts';\ntry {\n  fault();\n} catch (error) {\n  console.log(error.stack);\n}\n",
  );
  buildSync({
    entryPoints: [path('main.ts')],
    outfile: path('built.mjs'),
    bundle: true,
    format: 'esm',
    minifyWhitespace: true,
    sourcemap: true,
  });
  const { stdout } = spawnSync(process.execPath, [path('built.mjs')], { encoding: 'utf8' });
  expect(stdout).toContain('built.mjs:1:');
  const lines = sourceStack(stdout).split('\n').slice(1, 3);
  expect(lines[0]?.trim()).toBe(`at fault (file://${path('fault.ts')}:4:9)`);
  expect(lines[1]?.trim()).toBe(`at file://${path('main.ts')}:3:3`);
});
