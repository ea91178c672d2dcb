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
}

const cell = (content: string | Cell, at: number): Html => {
  const { text, isBest = false } = typeof content === 'string' ? { text: content } : content;
  if (at === 0) return html`<th scope="row">${text}</th>`;
  return isBest ? html`<td class="best">${text}</td>` : html`<td>${text}</td>`;
};

export const table = ({ head, rows, caption }: Table): Html => html`<div class="scroll"><table>
${caption === undefined ? NOTHING : html`<caption>${caption}</caption>`}
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody>
</table></div>`;
