import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../util/fs-atomic.ts';
import { sha256 } from '../util/hash.ts';
import type { Json, JsonObject } from '../util/json.ts';

/** Raised whenever entries mean something else. */
const FORMAT = 1;

/** Times the memo may be written without an entry being used before the entry is forgotten. */
const UNUSED_SAVES = 20;

/**
 * What was found out before, by a key that holds all it depends on. Losing it costs time and nothing else: whoever reads an
 * entry checks that what it was made from is still the same.
 */
export interface Memo {
  get<T extends Json>(kind: string, key: string): T | undefined;
  set(kind: string, key: string, value: Json): void;
  /** Writes it down, if there is anything new. */
  save(): void;
}

type Entry = readonly [value: Json, unused: number];

/** Reads the memo of a file; one that is missing, damaged or of another format is empty. */
export function openMemo(file: string): Memo {
  const kept = readEntries(file);
  const used = new Map<string, Entry>();
  let isChanged = false;
  const nameOf = (kind: string, key: string): string => `${kind} ${key}`;
  return {
    get: <T extends Json>(kind: string, key: string) => {
      const name = nameOf(kind, key);
      const entry = used.get(name) ?? kept.get(name);
      if (entry === undefined) return undefined;
      used.set(name, [entry[0], 0]);
      return entry[0] as T;
    },
    set: (kind, key, value) => {
      used.set(nameOf(kind, key), [value, 0]);
      isChanged = true;
    },
    save: () => {
      if (!isChanged) return;
      const entries: Record<string, Entry> = {};
      for (const [name, [value, unused]] of kept) {
        if (!used.has(name) && unused < UNUSED_SAVES) entries[name] = [value, unused + 1];
      }
      for (const [name, entry] of used) entries[name] = entry;
      const body = JSON.stringify({ format: FORMAT, entries });
      writeFileAtomic(file, `${sha256(body)}\n${body}\n`);
      isChanged = false;
    },
  };
}

function readEntries(file: string): Map<string, Entry> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // The first run in a folder has none.
    return new Map();
  }
  const end = text.indexOf('\n');
  const body = text.slice(end + 1, -1);
  // A power cut may have left half of it.
  if (text.slice(0, end) !== sha256(body)) return new Map();
  const { format, entries } = JSON.parse(body) as JsonObject & { readonly entries: Record<string, Entry> };
  return format === FORMAT ? new Map(Object.entries(entries)) : new Map();
}

/** Remembers nothing. */
export const noMemo: Memo = { get: () => undefined, set: () => undefined, save: () => undefined };
