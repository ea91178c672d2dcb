import { escapeHtml } from './escape.ts';

/** A piece of HTML that is safe as it is. */
export interface Html {
  readonly html: string;
}

type Part = string | number | Html | readonly Html[];

const text = (part: Part): string => {
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(({ html }) => html).join('');
};

/** Template literal for HTML: what is put in is escaped unless it is HTML itself. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: strings.map((string, at) => `${string}${at < parts.length ? text(parts[at] as Part) : ''}`).join(''),
});

/** Text that is HTML already: a chart's SVG, say. */
export const raw = (markup: string): Html => ({ html: markup });

export const NOTHING: Html = raw('');
