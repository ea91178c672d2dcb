/** JSON that is read straight from its bytes, and how far it was read. */
export interface Scan {
  readonly bytes: Uint8Array;
  at: number;
}

/** The bytes of one word or sign of JSON. */
export type Token = Uint8Array;

/** What the JSON of these words and signs consists of; none of them holds a blank. */
export const tokensOf = (json: string): readonly Token[] =>
  (json.match(/"[^"]*"|[^\s"]/g) ?? []).map((token) => new Uint8Array(Buffer.from(token)));

/** Goes past what JSON calls white space. */
export function skipSpace(scan: Scan): void {
  const { bytes } = scan;
  for (;;) {
    const byte = bytes[scan.at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
    scan.at += 1;
  }
}

/** Goes past a token, where it is the next. */
export function takes(scan: Scan, token: Token): boolean {
  skipSpace(scan);
  const { bytes, at } = scan;
  for (let index = 0; index < token.length; index++) if (bytes[at + index] !== token[index]) return false;
  scan.at = at + token.length;
  return true;
}

/** Goes past tokens, where they are the next; false somewhere among them where they are not. */
export function takesAll(scan: Scan, tokens: readonly Token[]): boolean {
  for (const token of tokens) if (!takes(scan, token)) return false;
  return true;
}
