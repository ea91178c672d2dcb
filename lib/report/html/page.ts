import { type Html, html, NOTHING, raw } from './html.ts';
import { STYLE } from './style.ts';

export interface Page {
  readonly title: string;
  /** True when the data were made by a program: the page says so before anything else. */
  readonly generated: boolean;
  readonly body: readonly Html[];
}

/** A whole HTML document that needs no other file, no script and no network. */
export const page = ({ title, generated, body }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${generated ? `GENERATED DATA · ${title}` : title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${generated ? html`<p class="banner">GENERATED DATA <span>These rows were made by a program: nothing here says how the model does on real ones.</span></p>` : NOTHING}
${body}
</body>
</html>
`.html;

export const section = (title: string, ...content: readonly Html[]): Html =>
  html`<section><h2>${title}</h2>\n${content}</section>\n`;

/** `label` is what those who cannot see it are told. */
export const chart = (label: string, svg: string): Html =>
  html`<div class="chart" role="img" aria-label="${label}">${raw(svg)}</div>`;
