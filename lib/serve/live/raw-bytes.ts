/**
 * Rows as bytes, for the record: what a model is trained on is bytes, so that is what a label can be learned with. Undefined
 * where a value is no whole number from 0 to 255; such a row is on record without its input.
 */
export function rawBytes(values: Uint8Array | Float32Array): Uint8Array | undefined {
  if (values instanceof Uint8Array) return values.slice();
  const bytes = new Uint8Array(values);
  for (let at = 0; at < values.length; at++) if (bytes[at] !== values[at]) return undefined;
  return bytes;
}
