import { type Failure, failure } from '../domain/failure.ts';
import { err, ok, type Result } from '../util/result.ts';

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

export interface DeclaredEnvironment {
  /** Names and values. */
  readonly env: Readonly<Record<string, string>>;
  /** Names whose values come from the runner's own environment. */
  readonly secrets: readonly string[];
}

/** The environment of a stage's process, and the values in it that must never be kept or shown. */
export function stageEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  declared: DeclaredEnvironment,
): Result<{ readonly env: Record<string, string>; readonly secrets: readonly string[] }, Failure> {
  const secrets: Record<string, string> = {};
  for (const name of declared.secrets) {
    const value = env[name];
    if (value === undefined || value === '') return err(failure('STAGE_NO_SECRET', { secret: name }));
    secrets[name] = value;
  }
  const allowed = ALLOWED.flatMap((name): [string, string][] => {
    const value = env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return ok({ env: { ...Object.fromEntries(allowed), ...declared.env, ...secrets }, secrets: Object.values(secrets) });
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
