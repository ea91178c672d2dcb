// Plain JavaScript, because Node 20 runs no TypeScript: builds lib/ into node_modules/.cache when it changed, and
// returns the folder the built entries lie in. A published package carries them built, in dist/.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of mlloop's own package. */
export const home = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Packages that a start needs: as a part of what is built they are read much faster than file by file. */
const TAKEN_IN = ['cli-table3', 'commander', 'fastify', 'leven', 'prom-client', 'typebox', 'uuid'];

const ENTRIES = ['main', 'api', 'stage-host', 'worker-host', 'describe-host', 'serve-thread', 'log-thread'];

/** What npm writes down of the packages that are installed; where others install them there is none. */
const INSTALLED = 'node_modules/.package-lock.json';

/** Every file that decides what is built, as one digest of its path, size and time. */
function signature() {
  const hash = createHash('sha256');
  const visit = (folder) => {
    for (const entry of readdirSync(join(home, folder), { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else add(path);
    }
  };
  const add = (path) => {
    const { size, mtimeNs } = statSync(join(home, path), { bigint: true });
    hash.update(`${path} ${size} ${mtimeNs}\n`);
  };
  visit('lib');
  add('package.json');
  if (existsSync(join(home, INSTALLED))) add(INSTALLED);
  return hash.digest('hex').slice(0, 20);
}

/** Builds that were in use a day ago are taken away: who is at work goes on reading from its own, as long as it says so. */
export function markUsed(folder) {
  try {
    const now = new Date();
    utimesSync(folder, now, now);
  } catch {
    // Of somebody else's, who may as well mark it.
  }
}

/** @returns {Promise<string>} the folder of the built entries */
export async function buildOnce() {
  const cache = join(home, 'node_modules', '.cache', 'mlloop');
  const folder = join(cache, `lib-${signature()}`);
  if (existsSync(folder)) {
    markUsed(folder);
    return folder;
  }
  const { build, stop } = await import('esbuild');
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const packages = Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !TAKEN_IN.includes(name));
  const temporary = `${folder}.${process.pid}.tmp`;
  mkdirSync(cache, { recursive: true });
  await build({
    absWorkingDir: home,
    entryPoints: Object.fromEntries(ENTRIES.map((name) => [name, join('lib', 'cli', `${name}.ts`)])),
    outdir: temporary,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: packages.flatMap((name) => [name, `${name}/*`]),
    // CommonJS that is taken in asks for node's own modules this way.
    banner: { js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);" },
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: true,
    logLevel: 'error',
  });
  // What runs in the server's page: one file, with nothing of Node's in it.
  await build({
    absWorkingDir: home,
    entryPoints: { page: join('lib', 'serve', 'page', 'browser', 'page.ts') },
    outdir: temporary,
    outExtension: { '.js': '.browser.js' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    logLevel: 'error',
  });
  // Its process would keep 100 MB while a pipeline runs.
  await stop();
  try {
    renameSync(temporary, folder);
  } catch (error) {
    // Another process built the same sources first; its result is as good.
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  for (const name of readdirSync(cache)) {
    const isOld = name.startsWith('lib-') && !name.endsWith('.tmp') && join(cache, name) !== folder;
    if (isOld && Date.now() - statSync(join(cache, name)).mtimeMs > 86_400_000)
      rmSync(join(cache, name), { recursive: true, force: true });
  }
  return folder;
}
