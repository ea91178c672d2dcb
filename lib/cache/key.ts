import { type Sha256, sha256 } from '../util/hash.ts';
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../util/json.ts';

/** Raised whenever the meaning of a part changes, so that old keys never match new ones. */
export const KEY_FORMAT = 1;

/** Everything that can change a stage's outs, by name. */
export interface KeyParts {
  /** Hash of the bundle that executes, or the program's argument list. */
  readonly code: Json;
  readonly params: JsonObject;
  /** Content hash of every dep, or 'absent'. */
  readonly deps: Readonly<Record<string, string>>;
  /** Kind of every out. */
  readonly outs: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly env: Readonly<Record<string, string>>;
  /** Digest of what every declared read would answer. */
  readonly reads: Readonly<Record<string, string>>;
  /** Installed version, with all it needs, of every package the bundle imports. */
  readonly packages: Readonly<Record<string, string>>;
  /** Node's major version, operating system and processor. */
  readonly platform: string;
}

export interface Key {
  readonly hash: Sha256;
  readonly parts: JsonObject;
}

export function makeKey(parts: KeyParts): Key {
  const whole = { format: KEY_FORMAT, ...parts };
  return { hash: sha256(canonicalJson(whole)), parts: whole };
}

/** Leaves of a key, by dotted name. A list is one leaf: half of a list means nothing to a person. */
function leavesOf(parts: JsonObject, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(parts)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (isJsonObject(value)) for (const [inner, text] of leavesOf(value, path)) found.set(inner, text);
    else found.set(path, canonicalJson(value));
  }
  return found;
}

export interface KeyChange {
  readonly part: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The parts in which two keys differ, sorted by name. */
export function compareKeys(before: JsonObject, after: JsonObject): KeyChange[] {
  const [old, now] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((part) => old.get(part) !== now.get(part))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((part) => ({ part, before: old.get(part), after: now.get(part) }));
}

/** One line for people: `params.learningRate 0.001 -> 0.003, code changed`. */
export function explainChanges(changes: readonly KeyChange[]): string {
  if (changes.length === 0) return 'nothing changed';
  const told = changes.slice(0, 3).map(explainChange);
  if (changes.length > 3) told.push(`${changes.length - 3} more`);
  return told.join(', ');
}

function explainChange({ part, before, after }: KeyChange): string {
  const area = part.split('.')[0];
  const name = part.slice((area?.length ?? 0) + 1);
  switch (area) {
    case 'code':
      return 'code changed';
    case 'deps':
      return before === undefined ? `new dep ${name}` : after === undefined ? `dep ${name} is gone` : `${name} changed`;
    case 'reads':
      return `${name} changed`;
    case 'packages':
      return `package ${name} ${short(before)} -> ${short(after)}`;
    default:
      return `${part} ${short(before)} -> ${short(after)}`;
  }
}

function short(text: string | undefined): string {
  if (text === undefined) return '(none)';
  const bare = /^"[^"\\]*"$/.test(text) ? text.slice(1, -1) : text;
  return bare.length > 40 ? `${bare.slice(0, 37)}...` : bare;
}
