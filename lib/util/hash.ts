import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

declare const sha256Brand: unique symbol;

/** 64 lower-case hex digits of a SHA-256 digest. */
export type Sha256 = string & { readonly [sha256Brand]: true };

export const sha256 = (data: string | Uint8Array): Sha256 => createHash('sha256').update(data).digest('hex') as Sha256;

/** Streams the file, so that its size does not matter. */
export async function sha256File(path: string): Promise<Sha256> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex') as Sha256;
}

export const isSha256 = (text: string): text is Sha256 => /^[0-9a-f]{64}$/.test(text);
