import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { writeFileAtomic } from '../util/fs-atomic.ts';
import { loadBundler } from './bundler.ts';
import { packageOf } from './package-of.ts';

/**
 * What a bundle takes in of packages, by the names it is imported by. TypeBox is 700 files: Node needs 100 ms to find and
 * read them, in every stage and every worker, and 10 ms for what a bundle uses of them. The others take 20 ms together.
 */
export const TAKEN_IN: readonly string[] = ['typebox', 'leven', '@bufbuild/protobuf/wire'];

/** An entry of a package as one file, made once for each version of it, and the package.json it follows from. */
export interface PackedPackage {
  readonly file: string;
  readonly manifest: string;
}

/** `entry` is the file that is imported by `path`. */
export async function packPackage(path: string, entry: string, packagesFolder: string): Promise<PackedPackage> {
  const inside = join('node_modules', packageOf(path), sep);
  const manifest = join(entry.slice(0, entry.lastIndexOf(inside)), inside, 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  const esbuild = await loadBundler();
  const folder = join(packagesFolder, 'node_modules', '.cache', 'mlloop', 'packed');
  const file = join(folder, `${path.replaceAll('/', '-')}-${version}-esbuild-${esbuild.version}.mjs`);
  if (existsSync(file)) return { file, manifest };
  const { outputFiles } = await esbuild.build({
    absWorkingDir: dirname(manifest),
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  mkdirSync(folder, { recursive: true });
  writeFileAtomic(file, outputFiles[0]?.text ?? '');
  return { file, manifest };
}
