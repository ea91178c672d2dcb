const longestWord = (text: string): number => Math.max(0, ...text.split(' ').map((word) => word.length));

/** Text in lines of at most `width` characters, broken between words, the next ones `hang` further in; a longer word stays whole. */
export function wrapWords(text: string, width: number, hang = 2): string[] {
  if (text.length <= width) return [text];
  const indent = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let line = indent;
  for (const word of text.trimStart().split(' ')) {
    const isEmpty = line.trim() === '';
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}${' '.repeat(hang)}${word}`;
    } else line = isEmpty ? `${line}${word}` : `${line} ${word}`;
  }
  return [...lines, line];
}

const wrapCell = (cell: string, width: number): string => wrapWords(cell, width, 0).join('\n');

/**
 * Breaks cells into lines, between words, so that columns with `gap` blanks between them take no more than `room` characters:
 * the widest give way first. What cannot be broken stays as it is.
 */
export function fitCells(rows: readonly (readonly string[])[], room: number, gap = 2): string[][] {
  if (room === Number.POSITIVE_INFINITY) return rows.map((row) => [...row]);
  const count = Math.max(0, ...rows.map((row) => row.length));
  const column = (at: number): string[] => rows.map((row) => row[at] ?? '');
  const natural = Array.from({ length: count }, (_, at) => Math.max(0, ...column(at).map((cell) => cell.length)));
  const least = Array.from({ length: count }, (_, at) => Math.max(0, ...column(at).map(longestWord)));
  const widthsAt = (most: number): number[] =>
    natural.map((width, at) => Math.min(width, Math.max(most, least[at] ?? 0)));
  const total = (widths: readonly number[]): number =>
    widths.reduce((sum, width) => sum + width, gap * Math.max(0, count - 1));
  let most = Math.max(0, ...natural);
  while (most > 0 && total(widthsAt(most)) > room) most -= 1;
  const widths = widthsAt(most);
  let left = room - total(widths);
  const columns = widths.map((width, at) => {
    const cells = column(at);
    if (left < 0 || width === natural[at]) return cells.map((cell) => wrapCell(cell, width));
    // Lines end with a word, so what a column does not need goes to those after it.
    const wrapped = cells.map((cell) => wrapCell(cell, width + left));
    const used = Math.max(...wrapped.flatMap((cell) => cell.split('\n').map((line) => line.length)));
    left += width - used;
    return wrapped;
  });
  return rows.map((row, at) => row.map((_, place) => columns[place]?.[at] ?? ''));
}
