import { readFileSync } from 'node:fs';

/** npm takes an unknown option for the abbreviation of one of its own, and names it so in the environment. */
const ABBREVIATED: Readonly<Record<string, string>> = { token_description: 'to' };

export interface ScriptCall {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Arguments after the verb, as they reached the program. */
  readonly args: readonly string[];
  /** Long options of the verb, without dashes, and whether they take a value. */
  readonly options: Readonly<Record<string, boolean>>;
}

/**
 * npm keeps every option that stands before a `--` for itself. Its traces in the environment tell which; the answer is
 * the line that was meant, or undefined when nothing was swallowed.
 */
export function correctedLine({ env, args, options }: ScriptCall): string | undefined {
  const script = env['npm_lifecycle_event'];
  if (script === undefined || !['run', 'run-script'].includes(env['npm_command'] ?? '')) return undefined;
  const configured = configuredNames(env);
  const rest = [...args];
  const parts: string[] = [];
  for (const [variable, value] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!variable.startsWith('npm_config_') || value === undefined) continue;
    const bare = variable.slice('npm_config_'.length);
    const name = (ABBREVIATED[bare] ?? bare).replaceAll('_', '-');
    const takesValue = options[name];
    if (takesValue === undefined || configured.has(bare) || value === '' || args.includes(`--${name}`)) continue;
    for (const one of value.split('\n\n')) parts.push(...restore({ name, takesValue, value: one, rest }));
  }
  return parts.length === 0 ? undefined : ['npm run', script, '--', ...rest, ...parts].join(' ');
}

interface Swallowed {
  readonly name: string;
  readonly takesValue: boolean;
  readonly value: string;
  /** Arguments npm passed on; newer versions leave an option's value among them. */
  readonly rest: string[];
}

function restore({ name, takesValue, value, rest }: Swallowed): string[] {
  if (!takesValue) return [`--${name}`];
  const given = value === 'true' ? rest.pop() : value;
  return given === undefined ? [`--${name}`] : [`--${name}`, given];
}

/** Options that stand in an .npmrc reach the environment, too, and say nothing about this call. */
function configuredNames(env: ScriptCall['env']): ReadonlySet<string> {
  const files = [
    env['npm_config_userconfig'],
    env['npm_config_globalconfig'],
    `${env['npm_config_local_prefix'] ?? '.'}/.npmrc`,
  ];
  return new Set(files.flatMap((file) => (file === undefined ? [] : namesIn(file))));
}

function namesIn(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Most machines have none of these files.
    return [];
  }
  return text.split('\n').flatMap((line) => /^\s*([\w-]+)\s*=/.exec(line)?.[1]?.replaceAll('-', '_') ?? []);
}
