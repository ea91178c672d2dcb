type Bundler = typeof import('esbuild');

let loaded: Promise<Bundler> | undefined;

/** esbuild, whose own process begins with the first build. */
export const loadBundler = (): Promise<Bundler> => {
  loaded ??= import('esbuild');
  return loaded;
};

/** Ends that process, where there is one: it keeps up to 200 MB for as long as ours lives. Another build begins another. */
export async function endBundler(): Promise<void> {
  await (await loaded)?.stop();
}
