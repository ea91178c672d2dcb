/** Text from elsewhere as it may stand in a paragraph or a table's cell: on one line, and nothing in it means anything. */
export const plain = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|&~$#]/g, (mark) => `\\${mark}`);

/** A table; cells are Markdown already. Columns named in `numbers` stand to the right. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, at) => (numbers.includes(at) ? '---:' : '---'));
  return [head, rule, ...rows].map(line).join('\n');
}

export const codeBlock = (language: string, code: string): string => `\`\`\`${language}\n${code.trim()}\n\`\`\``;
