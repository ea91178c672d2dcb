import { isSha256 } from '../util/hash.ts';

/** Sums by file name, as `sha256sum -c` reads them. */
export const CHECKSUMS = 'SHA256SUMS';

/** One line a file, sorted by name. */
export const checksumsText = (sums: Readonly<Record<string, string>>): string =>
  Object.keys(sums)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => `${sums[name]}  ${name}\n`)
    .join('');

/** Reads what `checksumsText` writes; undefined for any text that differs from it by a single byte. */
export function parseChecksums(text: string): Readonly<Record<string, string>> | undefined {
  const found = new Map<string, string>();
  for (const line of text.split('\n').slice(0, -1)) {
    const [, hash = '', name = ''] = /^([0-9a-f]{64}) {2}([\w.-]+)$/.exec(line) ?? [];
    if (!isSha256(hash) || found.has(name)) return undefined;
    found.set(name, hash);
  }
  // Of entries, because a file may have a name that objects understand otherwise.
  const sums = Object.fromEntries(found);
  return checksumsText(sums) === text ? sums : undefined;
}
