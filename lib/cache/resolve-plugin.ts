import { join, sep } from 'node:path';
import type { Metafile, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild';
import { packPackage, TAKEN_IN } from './pack-package.ts';
import { packageOf } from './package-of.ts';

const OWN_NAME = 'mlloop';
const ASKED_ALREADY = 'mlloop-asked';

export interface ResolveOptions {
  readonly home: string;
  readonly packagesFolder: string;
  /** Filled with the package.json of each packed file that is taken in. */
  readonly taken: Map<string, string>;
}

/**
 * Leaves real packages outside the bundle and takes everything else in: workspace packages, mlloop's own modules, which are
 * found even where the project has no node_modules of its own, and packages that are not the ones found where the bundle runs.
 */
export function resolvePackages({ home, packagesFolder, taken }: ResolveOptions): Plugin {
  return {
    name: 'mlloop-packages',
    setup: (build) => {
      build.onResolve({ filter: /^[^./]/ }, async (args) => {
        if (args.pluginData === ASKED_ALREADY || args.kind === 'entry-point') return undefined;
        if (args.path.startsWith('node:')) return { path: args.path, external: true, sideEffects: false };
        if (args.path.startsWith(`${OWN_NAME}/`)) {
          return { path: join(home, 'lib', `${args.path.slice(OWN_NAME.length + 1)}.ts`), sideEffects: false };
        }
        if (args.path === OWN_NAME) return { path: join(home, 'lib', 'cli', 'api.ts'), sideEffects: false };
        return resolvePackage(build, args, { home, packagesFolder, taken });
      });
    },
  };
}

async function resolvePackage(
  build: PluginBuild,
  args: OnResolveArgs,
  { home, packagesFolder, taken }: ResolveOptions,
): Promise<OnResolveResult | undefined> {
  const resolve = (resolveDir: string) =>
    build.resolve(args.path, { resolveDir, kind: args.kind, pluginData: ASKED_ALREADY });
  for (const resolveDir of [args.resolveDir, home]) {
    const found = await resolve(resolveDir);
    if (found.errors.length > 0) continue;
    const isPackage = found.external || found.path.includes(`${sep}node_modules${sep}`);
    if (!isPackage) return { path: found.path };
    if (TAKEN_IN.includes(args.path) && !found.external) {
      const { file, manifest } = await packPackage(args.path, found.path, packagesFolder);
      taken.set(file, manifest);
      return { path: file, sideEffects: false };
    }
    // Code that has a package of its own beside it means that one, and a copy elsewhere would find another.
    const isFoundThere = found.external || (await resolve(packagesFolder)).path === found.path;
    if (!isFoundThere && resolveDir !== home) return { path: found.path };
    return { path: args.path, external: true, sideEffects: false };
  }
  // A package that may be missing is imported dynamically, and its absence is handled where that is done.
  return args.kind === 'dynamic-import' ? { path: args.path, external: true, sideEffects: false } : undefined;
}

/** Names of the packages a bundle imports, sorted. */
export function packageNames(metafile: Metafile): string[] {
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return namesOfPackages(imports.filter(({ external }) => external).map(({ path }) => path));
}

/** The packages that import paths lead to, sorted; Node's own modules are none. */
export function namesOfPackages(paths: readonly string[]): string[] {
  const names = paths.filter((path) => !path.startsWith('node:')).map(packageOf);
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : 1));
}
