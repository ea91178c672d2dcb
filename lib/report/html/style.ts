import { COLOURS, FONT } from '../charts/render.ts';

/** The report's whole style: it has to look right from a disk, on paper and on a phone, by day and by night. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fff; --ink: ${COLOURS.ink}; --soft: #5b636b; --faint: ${COLOURS.faint}; --best: ${COLOURS.optimised};
  --mark: ${COLOURS.mark}; --mark-ink: #a84800; --mark-ground: #fdf1e9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181d; --ink: #e8ecf1; --soft: #a3adb8; --faint: #38424d; --best: #6cb2ff;
    --mark: #d5803d; --mark-ink: #ffb685; --mark-ground: #33231a;
  }
}
body { font: 15px/1.5 ${FONT}; background: var(--ground); color: var(--ink); max-width: 980px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 28px; line-height: 1.25; margin: 8px 0 4px; }
h2 { font-size: 19px; line-height: 1.3; margin: 40px 0 8px; border-bottom: 1px solid var(--faint); padding-bottom: 4px; }
p { max-width: 68ch; margin: 8px 0; }
.lead { font-size: 17px; }
.banner { background: #a84800; color: #fff; font-weight: 700; padding: 10px 16px; border-radius: 6px; }
.banner span { font-weight: 400; }
.scroll, .chart { overflow-x: auto; }
.charts { display: flex; flex-wrap: wrap; gap: 12px; }
.chart svg { display: block; max-width: 100%; height: auto; }
.caption { color: var(--soft); margin-bottom: 0; }
table { border-collapse: collapse; margin: 8px 0; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid var(--faint); text-align: right; white-space: nowrap; }
th:first-child, .text { text-align: left; }
thead th { border-bottom: 2px solid var(--ink); font-weight: 600; }
tbody th { font-weight: 400; }
td.best { font-weight: 700; color: var(--best); }
.images { display: grid; grid-template-columns: repeat(5, minmax(84px, 116px)); gap: 10px; }
.images figure { margin: 0; text-align: center; border: 2px solid var(--faint); border-radius: 6px; padding: 6px; }
.images figure.wrong { border-color: var(--mark); background: var(--mark-ground); }
.images img { width: 84px; height: 84px; object-fit: contain; image-rendering: pixelated; mix-blend-mode: multiply; }
.images figcaption { font-weight: 600; line-height: 1.3; }
.images .wrong figcaption { color: var(--mark-ink); }
.images small { display: block; font-weight: 400; color: var(--soft); }
.where img { width: 168px; height: 168px; image-rendering: pixelated; border: 1px solid var(--faint); }
.images code { font-size: 10px; font-weight: 400; line-height: 1.1; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--best); outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
  /* Charts and images are drawn dark on white: turned round, they keep their hues and their contrast. */
  .chart svg { filter: invert(1) hue-rotate(180deg) brightness(1.3); }
  .images img { filter: invert(1); mix-blend-mode: screen; }
  .where img { filter: invert(1); }
}
@media (max-width: 520px) {
  body { padding: 16px 14px 48px; }
  h1 { font-size: 24px; }
  .images { grid-template-columns: repeat(5, 1fr); gap: 4px; }
  .images figure { padding: 3px; }
  .images img { width: 100%; height: auto; }
  .images figcaption { font-size: 12px; }
  th, td { padding-right: 10px; font-size: 14px; }
  tbody th:first-child { white-space: normal; }
  .chart svg[width='760'] { max-width: none; width: 560px; }
}
`;
