/** The package an import path leads into: of `@a/b/c` it is `@a/b`. */
export const packageOf = (path: string): string =>
  path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/');
