import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildFailure, BuildResult, Message, Metafile } from 'esbuild';
import { type Failure, failure } from '../domain/failure.ts';
import type { Place } from '../domain/place.ts';
import { writeFileAtomic } from '../util/fs-atomic.ts';
import { type Sha256, sha256 } from '../util/hash.ts';
import { err, ok, type Result } from '../util/result.ts';
import { loadBundler } from './bundler.ts';
import { namesOfPackages, packageNames, resolvePackages } from './resolve-plugin.ts';

/** A stage's code with everything it imports but packages: what is hashed is what runs. */
export interface Bundle {
  readonly hash: Sha256;
  readonly code: string;
  readonly sourceMap: string;
  /** Names of the packages it imports, sorted. */
  readonly packages: readonly string[];
  /** Absolute paths of the files it is made of, sorted; of a package that was taken in its package.json. */
  readonly inputs: readonly string[];
  /** Absolute paths as the stage, and imports in it, name files: links may lead from there to the inputs. */
  readonly named: readonly string[];
}

export interface BundleOptions {
  /** The project's folder. */
  readonly root: string;
  /** The stage's file, relative to the project. */
  readonly file: string;
  /** The folder of mlloop's own package, where its modules and dependencies are found. */
  readonly home: string;
}

/** The folder whose node_modules the project's stages find their packages in: its own, or else mlloop's. */
export const packagesFolderOf = (root: string, home: string): string =>
  existsSync(join(root, 'node_modules')) ? root : home;

/** Names that stand in for what a bundle may not use, so that using it is found in the code and not in its texts. */
const REFUSED: Readonly<Record<string, string>> = {
  mlloopRefusedImportMeta: 'import.meta',
  mlloopRefusedDirname: '__dirname',
  mlloopRefusedFilename: '__filename',
};

/**
 * Bundles a stage: the same code gives the same hash in any folder, and comments and white space do not count. A file that is
 * a bundle already, and is unchanged, is taken as it is: bundled once more it might be another.
 */
export async function bundleStage(options: BundleOptions): Promise<Result<Bundle, Failure>> {
  const { root, file } = options;
  if (!existsSync(join(root, file))) return err(failure('STAGE_NO_FILE', { file }));
  const built = await build(options);
  if (!built.ok) return built;
  const laidOut = laidOutBundle(readFileSync(join(root, file), 'utf8'));
  const { packages, inputs, named } = built.value;
  // What imports other files of the project is no bundle, whatever it says of itself.
  if (laidOut === undefined || inputs.length > 1) return built;
  return ok({ ...laidOut, sourceMap: NO_SOURCES, packages: withRequired(packages, laidOut.code), inputs, named });
}

/** A bundle laid out under a stage's name has no sources to point at. */
const NO_SOURCES = JSON.stringify({ version: 3, sources: [], names: [], mappings: '' });

/** Packages a bundle requires by a name are in its text alone: the bundler sees a function of its own. */
function withRequired(packages: readonly string[], code: string): string[] {
  const required = [...code.matchAll(/\b__require\((["'`])([^"'`]+)\1\)/g)].map(([, , path = '']) => path);
  return [...new Set([...packages, ...namesOfPackages(required)])].sort((a, b) => (a < b ? -1 : 1));
}

const MARK = /\/\/ mlloop bundle ([0-9a-f]{64})\n?$/;

/** A bundle as a stage's file: whoever reads it again knows that it is one. */
export const layOutBundle = (code: string): string => `${code}// mlloop bundle ${sha256(code)}\n`;

/** The bundle a file holds; undefined for ordinary code, and for a bundle that somebody edited. */
function laidOutBundle(text: string): Pick<Bundle, 'hash' | 'code'> | undefined {
  const mark = MARK.exec(text);
  if (mark === null) return undefined;
  const code = text.slice(0, mark.index);
  const hash = sha256(code);
  return hash === mark[1] ? { hash, code } : undefined;
}

async function build(options: BundleOptions): Promise<Result<Bundle, Failure>> {
  const { root, file, home } = options;
  const esbuild = await loadBundler();
  const taken = new Map<string, string>();
  let built: BuildResult<{ write: false; metafile: true }>;
  try {
    built = await esbuild.build({
      absWorkingDir: root,
      entryPoints: [join(root, file)],
      outfile: join(root, 'stage.mjs'),
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      charset: 'utf8',
      minifyWhitespace: true,
      legalComments: 'none',
      sourcemap: 'external',
      sourcesContent: false,
      logLevel: 'silent',
      tsconfigRaw: '{}',
      define: {
        'import.meta': 'mlloopRefusedImportMeta',
        __dirname: 'mlloopRefusedDirname',
        __filename: 'mlloopRefusedFilename',
      },
      plugins: [resolvePackages({ home, packagesFolder: packagesFolderOf(root, home), taken })],
    });
  } catch (error) {
    return err(buildFailure(file, error));
  }
  const code = built.outputFiles.find((output) => !output.path.endsWith('.map'))?.text ?? '';
  const sourceMap = built.outputFiles.find((output) => output.path.endsWith('.map'))?.text ?? '';
  const refused = refusedUse(code);
  if (refused !== undefined) return err(failure('STAGE_BUNDLE', { file, problem: refused }));
  // A package that was taken in changes as a whole.
  const inputs = Object.keys(built.metafile.inputs).map((path) => {
    const file = resolve(root, path);
    return taken.get(file) ?? file;
  });
  const packages = packageNames(built.metafile);
  return ok({
    hash: sha256(code),
    code,
    sourceMap: absoluteSources(sourceMap, root),
    packages,
    inputs: [...new Set(inputs)].sort(),
    named: [...new Set([join(root, file), ...namedIn(built.metafile, root)])].sort(),
  });
}

/** Where imports say that files lie. */
const namedIn = ({ inputs }: Metafile, root: string): string[] =>
  Object.entries(inputs).flatMap(([path, { imports }]) =>
    imports.flatMap(({ original = '' }) => (/^[./]/.test(original) ? resolve(root, dirname(path), original) : [])),
  );

/** The map lies beside a copy, far from the sources, so it names them in full. */
function absoluteSources(sourceMap: string, root: string): string {
  const map = JSON.parse(sourceMap) as { readonly sources: readonly string[] };
  return JSON.stringify({ ...map, sources: map.sources.map((source) => pathToFileURL(resolve(root, source)).href) });
}

function refusedUse(code: string): string | undefined {
  for (const [name, what] of Object.entries(REFUSED)) {
    if (code.includes(name)) {
      return `${what} has no meaning in it, because a bundled copy is executed. Give the path as a dep or a param.`;
    }
  }
  // Of a CommonJS module the bundler makes a function that is called the same.
  return /\bimport\((?!["'`])/.test(code) || /(?<!function )\b__require\((?!["'`])/.test(code)
    ? 'it imports a module whose name is computed, so its code cannot be known beforehand. Write the name out.'
    : undefined;
}

function buildFailure(file: string, error: unknown): Failure {
  const messages: readonly Message[] = (error as Partial<BuildFailure>).errors ?? [];
  const [first] = messages;
  if (first === undefined) throw error;
  const at: Place | undefined = first.location
    ? {
        file: first.location.file,
        line: first.location.line,
        column: first.location.column + 1,
        text: first.location.lineText,
      }
    : undefined;
  const more = messages.length > 1 ? ` (and ${messages.length - 1} more)` : '';
  return failure('STAGE_BUNDLE', { file, problem: `${first.text}${more}` }, at);
}

/** Where the copy of a bundle lies that Node executes: its packages resolve from there. */
export const copyOf = (hash: Sha256, packagesFolder: string): string =>
  join(packagesFolder, 'node_modules', '.cache', 'mlloop', 'stages', hash, 'stage.mjs');

const TRAILER = '//# sourceMappingURL=stage.mjs.map\n';

/** Lays the bundle out to be executed, with its source map beside it, and returns the path to import. */
export function materialise({ hash, code, sourceMap }: Bundle, packagesFolder: string): string {
  const path = copyOf(hash, packagesFolder);
  mkdirSync(dirname(path), { recursive: true });
  // Sources move without the code changing, so the map is written anew each time.
  writeFileAtomic(`${path}.map`, sourceMap);
  if (codeOfCopy(path, hash) === undefined) writeFileAtomic(path, `${code}${TRAILER}`);
  return path;
}

/** The code in a copy; undefined when it is not the very code its hash stands for: what is hashed is what runs. */
export function codeOfCopy(path: string, hash: Sha256): string | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const code = text.slice(0, -TRAILER.length);
  return text.endsWith(TRAILER) && sha256(code) === hash ? code : undefined;
}
