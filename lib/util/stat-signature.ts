import { statSync } from 'node:fs';

/** What the file system says of a file or folder: it changes whenever the content does, or nearly. */
export interface StatSignature {
  /** Device, inode, size, and both times in nanoseconds. */
  readonly text: string;
  /** The later of its two times, in milliseconds since the epoch. */
  readonly changedMs: number;
}

/** Undefined when nothing is there. Links are followed. */
export function signatureOf(path: string): StatSignature | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  const changedMs = Math.max(Number(mtimeNs / 1_000_000n), Number(ctimeNs / 1_000_000n));
  return { text: `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`, changedMs };
}

/** A file system's clock may tick as slowly as this: a second change within it leaves no trace. */
const COARSEST_TICK_MS = 2000;

/**
 * Whether whatever was read at `nowMs` would show a different signature after its next change. What changed a moment ago, or
 * in the future of a clock that was set back, may change again unseen.
 */
export const isSettled = ({ changedMs }: StatSignature, nowMs: number): boolean => changedMs + COARSEST_TICK_MS < nowMs;
