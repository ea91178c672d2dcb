import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { bad, type Check, fine, warn } from '../../domain/check.ts';
import { formatBytes } from '../../util/format-bytes.ts';

/** Node's version against the least one that mlloop's package.json asks for. */
export function checkNode(home: string, version = process.versions.node): Check {
  const { engines } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    readonly engines: { readonly node: string };
  };
  const parts = (text: string): number[] => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [seen, least] = [parts(version), parts(engines.node)];
  const at = seen.findIndex((part, index) => part !== least[index]);
  const isEnough = at < 0 || (seen[at] ?? 0) > (least[at] ?? 0);
  const text = `${version}; mlloop needs ${engines.node}`;
  return isEnough ? fine('node', text) : bad('node', text, `Install Node ${least.join('.')} or newer.`);
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** Whether something that comes as a native library does its work here. */
async function checkLoads(name: string, work: () => Promise<string>, next: string): Promise<Check> {
  try {
    return fine(name, await work());
  } catch (error) {
    return bad(name, `does not work: ${messageOf(error)}`, next);
  }
}

export const checkSqlite = (): Promise<Check> =>
  checkLoads(
    'better-sqlite3',
    async () => {
      const { default: Database } = await import('better-sqlite3');
      const database = new Database(':memory:');
      const version = database.prepare('SELECT sqlite_version()').pluck().get();
      database.close();
      return `SQLite ${version}`;
    },
    'npm rebuild better-sqlite3; where it has to be compiled: apt-get install g++ make python3',
  );

export const checkEsbuild = (): Promise<Check> =>
  checkLoads(
    'esbuild',
    async () => {
      const { transform, version } = await import('esbuild');
      await transform('const a: number = 1;', { loader: 'ts' });
      return version;
    },
    'npm rebuild esbuild',
  );

export const checkSharp = (): Promise<Check> =>
  checkLoads(
    'sharp',
    async () => {
      const { default: sharp } = await import('sharp');
      const pixel = { width: 1, height: 1, channels: 3, background: 'white' } as const;
      await sharp({ create: pixel }).png().toBuffer();
      return `libvips ${sharp.versions.vips}`;
    },
    'npm install sharp; it only matters for images',
  );

export async function checkGit(root: string): Promise<Check> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version'], { cwd: root, encoding: 'utf8' });
    return fine('git', stdout.trim().replace(/^git version /, ''));
  } catch {
    // Not installed, or not allowed to run.
    return warn('git', 'is not here', 'Runs are recorded without their commit; install git for that.');
  }
}

/** Less than this is soon gone, in bytes. */
const LITTLE = 1e9;

/** Less than this may not last for one run. */
const NOTHING = 1e8;

/** Room for what is still to be made: all that is there may have to be made once more. */
export function judgeDisk(free: number, held: number): Check {
  const text = `${formatBytes(free)} free; artifacts/ holds ${formatBytes(held)}`;
  const next = 'Free some room, with npm run mlloop -- gc or by hand.';
  if (free < NOTHING) return bad('disk', text, next);
  return free < Math.max(LITTLE, held) ? warn('disk', text, next) : fine('disk', text);
}

/** `held` is the size of all objects on record, in bytes. */
export async function checkDisk(folder: string, held: number): Promise<Check> {
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize } = await statfs(there);
  return judgeDisk(bavail * bsize, held);
}
