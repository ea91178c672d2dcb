const PNG = [0x89, 0x50, 0x4e, 0x47];
/** The name of a PNG's last chunk, IEND, behind which only its checksum comes (W3C, PNG 11.2.5). */
const PNG_END = [0x49, 0x45, 0x4e, 0x44];
const JPEG = [0xff, 0xd8];
/** The marker EOI (ITU-T T.81, table B.1). */
const JPEG_END = [0xff, 0xd9];

/** Cameras and mailers leave some bytes behind the end. */
const BEHIND_THE_END = 1024;

/** Whether a file begins as a PNG or JPEG and has no end. */
export function isCutOff(bytes: Uint8Array): boolean {
  const beginsWith = (mark: readonly number[]): boolean => mark.every((byte, at) => bytes[at] === byte);
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(-BEHIND_THE_END);
  if (beginsWith(PNG)) return !tail.includes(Buffer.from(PNG_END));
  return beginsWith(JPEG) && !tail.includes(Buffer.from(JPEG_END));
}
