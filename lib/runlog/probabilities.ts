/** An answer's probabilities as the log holds them: 32-bit floats, little-endian, in the order of the model's outputs. */
export function packedProbabilities(values: ArrayLike<number>): Uint8Array {
  return bytesOf(Float32Array.from(values));
}

/** Its bytes, where they are: what is written at once need not be copied. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

export function unpackedProbabilities(bytes: Uint8Array): number[] {
  // What comes out of the log begins anywhere in memory, and floats do not.
  return [...new Float32Array(Uint8Array.from(bytes).buffer)];
}
