/** What stands where a secret stood. */
const MASK = '***';

/** Takes secrets out of whatever is to be kept or shown. */
export interface Redactor {
  text(text: string): string;
  /** The same for every text inside a value; what is no text stays as it is. */
  value<T>(value: T): T;
  /** The same for a stream: a secret may be cut in two by the pieces it comes in. */
  stream(): { push(piece: string): string; end(): string };
}

/** The forms in which programs print a value: as it is, inside JSON, inside a URL, and in base64. */
const formsOf = (secret: string): string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
];

export function createRedactor(secrets: readonly string[]): Redactor {
  // The longest first: one secret may be a part of another.
  const forms = [...new Set(secrets.filter((secret) => secret !== '').flatMap(formsOf))].sort(
    (a, b) => b.length - a.length,
  );
  const longest = forms[0]?.length ?? 0;
  const text = (whole: string): string => forms.reduce((left, form) => left.replaceAll(form, MASK), whole);
  const value = <T>(whole: T): T => {
    if (typeof whole === 'string') return text(whole) as T;
    if (Array.isArray(whole)) return whole.map(value) as T;
    if (typeof whole !== 'object' || whole === null || ArrayBuffer.isView(whole)) return whole;
    return Object.fromEntries(Object.entries(whole).map(([name, one]) => [name, value(one)])) as T;
  };
  return {
    text,
    value: forms.length === 0 ? (whole) => whole : value,
    stream: () => {
      let held = '';
      return {
        push: (piece) => {
          const whole = text(held + piece);
          // Whatever could be the beginning of a secret waits for what follows; whole lines need not.
          const keep = Math.min(whole.length, Math.max(0, longest - 1));
          held = whole.slice(whole.length - keep);
          return whole.slice(0, whole.length - keep);
        },
        end: () => {
          const rest = text(held);
          held = '';
          return rest;
        },
      };
    },
  };
}
