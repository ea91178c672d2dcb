import { type Html, html, NOTHING } from './html.ts';

export interface Cell {
  readonly text: string;
  /** The better of the values beside it. */
  readonly isBest?: boolean;
}

export interface Table {
  readonly head: readonly string[];
  /** The first cell of a row names it; the others are numbers and stand to the right. */
  readonly rows: readonly (readonly (string | Cell)[])[];
  readonly caption?: string;
  /** Columns that hold words, by index: they stand to the left, as the first one does. */
  readonly texts?: readonly number[];
}

const classOf = (names: readonly (string | false)[]): Html => {
  const given = names.filter((name) => name !== false);
  return given.length === 0 ? NOTHING : html` class="${given.join(' ')}"`;
};

export function table({ head, rows, caption, texts = [] }: Table): Html {
  const isText = (at: number): 'text' | false => texts.includes(at) && 'text';
  const cell = (content: string | Cell, at: number): Html => {
    const { text, isBest = false } = typeof content === 'string' ? { text: content } : content;
    if (at === 0) return html`<th scope="row">${text}</th>`;
    return html`<td${classOf([isBest && 'best', isText(at)])}>${text}</td>`;
  };
  const told = caption === undefined ? NOTHING : html`<p class="caption">${caption}</p>\n`;
  return html`${told}<div class="scroll" tabindex="0"><table${caption === undefined ? NOTHING : html` aria-label="${caption}"`}>
<thead><tr>${head.map((name, at) => html`<th scope="col"${classOf([isText(at)])}>${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody>
</table></div>`;
}
