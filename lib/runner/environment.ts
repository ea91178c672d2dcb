/** What every stage gets of the runner's environment; everything else has to be declared. */
const ALLOWED = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TEMP',
  'TMP',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'SystemRoot',
  'MLLOOP_PACKAGES',
];

export function stageEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  declared: Readonly<Record<string, string>>,
): Record<string, string> {
  const allowed = ALLOWED.flatMap((name): [string, string][] => {
    const value = env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(allowed), ...declared };
}

/** Fills $NAME into a path; undefined when one of the variables is not set. */
export function expandVariables(path: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  let isWhole = true;
  const expanded = path.replace(/\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/g, (_, name: string) => {
    const value = env[name];
    if (value === undefined || value === '') isWhole = false;
    return value ?? '';
  });
  return isWhole ? expanded : undefined;
}
