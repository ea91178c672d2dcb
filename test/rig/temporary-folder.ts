import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** One folder for all tests of a file; the path of something in it. */
export function temporaryFolderForAll(): (...parts: string[]) => string {
  const folder = mkdtempSync(join(tmpdir(), 'mlloop-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (...parts) => join(folder, ...parts);
}
