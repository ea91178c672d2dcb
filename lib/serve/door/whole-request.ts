/** A request that came whole, as far as a door looks at it. */
export interface WholeRequest {
  readonly method: string;
  /** As the client wrote it. */
  readonly url: string;
}

/** Bytes of a request's first line and headers that are looked at. */
const HEAD_BYTES = 4096;

/** The first line of a request that may stay on its connection: 1.1 keeps it unless a header says otherwise. */
const FIRST_LINE = /^([A-Z]+) (\/[!-~]*) HTTP\/1\.1\r\n/;

/** Headers after which a request ends elsewhere than where its length says, or its connection does not go on as it was. */
const UNUSUAL = /\n(?:transfer-encoding|expect|upgrade|connection(?!: keep-alive\r))\s*:?/i;

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = 'content-length';
const LENGTH_VALUE = /: (\d{1,15})\r\n/y;

/**
 * Reads bytes that are exactly one request, with nothing before and nothing behind it. Undefined for anything else: a part of one,
 * more than one, or one that is written in a way that is rare enough to be left to a real parser.
 */
export function wholeRequest(bytes: Buffer): WholeRequest | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0 || end > HEAD_BYTES) return undefined;
  const head = bytes.toString('latin1', 0, end + 2);
  const [, method, url] = FIRST_LINE.exec(head) ?? [];
  if (method === undefined || url === undefined || UNUSUAL.test(head)) return undefined;
  const length = lengthIn(head.toLowerCase());
  return length !== undefined && bytes.length === end + HEAD_END.length + length ? { method, url } : undefined;
}

/** How long the body is. A length that is said twice, or in a way of its own, is for the parser to judge. */
function lengthIn(head: string): number | undefined {
  const at = head.indexOf(LENGTH);
  if (at < 0) return 0;
  if (head[at - 1] !== '\n' || head.lastIndexOf(LENGTH) !== at) return undefined;
  LENGTH_VALUE.lastIndex = at + LENGTH.length;
  const [, digits] = LENGTH_VALUE.exec(head) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
