import { fitCells } from './fit-cells.ts';

const GAP = '  ';

/**
 * Rows as lines, every column as wide as its widest cell; trailing blanks cut. Where that is more than `room`, cells go on
 * in the line below.
 */
export function alignColumns(rows: readonly (readonly string[])[], room = Number.POSITIVE_INFINITY): string[] {
  const cells = fitCells(rows, room).map((row) => row.map((cell) => cell.split('\n')));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((lines, at) => {
      widths[at] = Math.max(widths[at] ?? 0, ...lines.map((line) => line.length));
    });
  }
  return cells.flatMap((row) => {
    const height = Math.max(1, ...row.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      row
        .map((lines, at) => (lines[line] ?? '').padEnd(widths[at] ?? 0))
        .join(GAP)
        .trimEnd(),
    );
  });
}
