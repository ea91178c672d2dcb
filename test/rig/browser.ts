import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser's program; undefined where none is installed. */
export const browser = NAMES.find((name) => spawnSync(name, ['--version']).status === 0);

/** A page as a person's browser makes it: its document after loading, as HTML. */
export function openPage(url: string): string {
  const profile = mkdtempSync(join(tmpdir(), 'mlloop-browser-'));
  try {
    const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
    const { stdout } = spawnSync(
      browser ?? '',
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-sync',
        ...quiet,
        `--user-data-dir=${profile}`,
        '--dump-dom',
        url,
      ],
      { encoding: 'utf8', maxBuffer: 1 << 28 },
    );
    return stdout;
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
