/** Text of whole lines that takes no more than so many bytes of UTF-8; where lines had to go, `instead` stands for them. */
export function withinBytes(text: string, limit: number, instead: string): string {
  if (Buffer.byteLength(text) <= limit) return text;
  let left = limit - Buffer.byteLength(instead);
  const kept: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    left -= Buffer.byteLength(line);
    if (left < 0) break;
    kept.push(line);
  }
  return Buffer.byteLength(instead) > limit ? '' : kept.join('') + instead;
}
