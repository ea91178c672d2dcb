import { COLOURS, FONT } from '../charts/render.ts';

/** The report's whole style: it has to look right from a disk, on paper and on a phone. */
export const STYLE = `
:root { color-scheme: light; }
body { font: 15px/1.5 ${FONT}; color: ${COLOURS.ink}; max-width: 980px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 28px; margin: 8px 0 4px; }
h2 { font-size: 19px; margin: 40px 0 8px; border-bottom: 1px solid ${COLOURS.faint}; padding-bottom: 4px; }
p { max-width: 68ch; margin: 8px 0; }
.lead { font-size: 17px; }
.banner { background: ${COLOURS.mark}; color: #fff; font-weight: 700; padding: 10px 16px; border-radius: 6px; }
.banner span { font-weight: 400; }
.scroll, .chart { overflow-x: auto; }
.charts { display: flex; flex-wrap: wrap; gap: 12px; }
.chart svg { display: block; max-width: 100%; height: auto; }
table { border-collapse: collapse; margin: 8px 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: #5b636b; padding-bottom: 4px; }
th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid ${COLOURS.faint}; text-align: right; white-space: nowrap; }
th:first-child { text-align: left; }
thead th { border-bottom: 2px solid ${COLOURS.ink}; font-weight: 600; }
tbody th { font-weight: 400; }
td.best { font-weight: 700; color: ${COLOURS.optimised}; }
.images { display: grid; grid-template-columns: repeat(5, minmax(84px, 116px)); gap: 10px; }
.images figure { margin: 0; text-align: center; border: 2px solid ${COLOURS.faint}; border-radius: 6px; padding: 6px; }
.images figure.wrong { border-color: ${COLOURS.mark}; background: #fdf1e9; }
.images img { width: 84px; height: 84px; object-fit: contain; image-rendering: pixelated; mix-blend-mode: multiply; }
.images figcaption { font-weight: 600; line-height: 1.3; }
.images .wrong figcaption { color: #a84800; }
.images small { display: block; font-weight: 400; color: #5b636b; }
.where img { width: 168px; height: 168px; image-rendering: pixelated; border: 1px solid ${COLOURS.faint}; }
.images code { font-size: 10px; font-weight: 400; line-height: 1.1; overflow-wrap: anywhere; }
@media (max-width: 520px) { .images { grid-template-columns: repeat(5, 1fr); gap: 4px; } .images img { width: 100%; height: auto; } .images figcaption { font-size: 12px; } }
`;
