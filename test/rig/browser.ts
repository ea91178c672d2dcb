import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser's program; undefined where none is installed. */
export const browser = NAMES.find((name) => spawnSync(name, ['--version']).status === 0);

/** A person's browser without a window, driven by real events. */
export function openBrowser(): Promise<Browser> {
  if (browser === undefined) throw new Error('there is no browser here');
  const { stdout } = spawnSync('sh', ['-c', `command -v ${browser}`], { encoding: 'utf8' });
  return chromium.launch({ executablePath: stdout.trim(), args: ['--no-sandbox', '--disable-gpu'] });
}

/** A page as a person's browser makes it: its document after loading, as HTML. */
export async function openPage(url: string): Promise<string> {
  const opened = await openBrowser();
  try {
    const page = await opened.newPage();
    await page.goto(url);
    return await page.content();
  } finally {
    await opened.close();
  }
}
