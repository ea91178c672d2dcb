/** The page's whole style: light or dark as the person has it, from a phone's width on. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --text: #1d2329; --soft: #59636e; --line: #d4d9df; --paper: #ffffff; --ink: #1d2329;
  --accent: #0b66c3; --on-accent: #ffffff; --track: #e8ebef; --good: #14713d; --bad: #b3261e; --mark: #8a4b00; --mark-ground: #fff1dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181d; --card: #1c2229; --text: #e8ecf1; --soft: #a3adb8; --line: #38424d; --paper: #0f1317; --ink: #f2f5f8;
    --accent: #6cb2ff; --on-accent: #0d1b2a; --track: #2a323b; --good: #69d397; --bad: #ff9d94; --mark: #ffcf8b; --mark-ground: #3a2a12;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0 auto; padding: 20px 16px 40px; max-width: 800px; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif;
}
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px; margin-bottom: 16px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0; }
header p { margin: 0; color: var(--soft); }
#name { font-weight: 600; color: var(--text); }
#generated { background: var(--mark-ground); color: var(--mark); border-radius: 8px; padding: 8px 12px; margin: 0 0 16px; font-size: 14px; }
#draw { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 16px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px; min-width: 0; }
.card > p:first-child { margin-top: 0; }
.card > p:last-child { margin-bottom: 0; }
#pad {
  display: block; width: 100%; aspect-ratio: 1; touch-action: none; cursor: crosshair; background: var(--paper);
  border: 1px solid var(--line); border-radius: 8px;
}
.tools { display: flex; align-items: center; gap: 8px; margin-top: 12px; }
.seen { display: flex; align-items: center; gap: 8px; margin-left: auto; color: var(--soft); font-size: 13px; line-height: 1.25; text-align: right; }
#seen { width: 56px; height: 56px; image-rendering: pixelated; border-radius: 4px; background: #000; flex: none; }
.hint { margin: 12px 0 0; color: var(--soft); font-size: 13px; }
kbd { font: inherit; border: 1px solid var(--line); border-radius: 4px; padding: 0 4px; }
#best { margin: 0 0 8px; font-weight: 600; min-height: 1.5em; }
.answer { display: flex; flex-direction: column; }
#bars { list-style: none; margin: 0; padding: 0; flex: 1; display: grid; grid-auto-rows: minmax(29px, 1fr); font-variant-numeric: tabular-nums; }
#bars li { display: grid; grid-template-columns: minmax(20px, max-content) 1fr 64px; align-items: center; gap: 10px; }
#bars .class { font-weight: 600; }
#bars .value { text-align: right; white-space: nowrap; color: var(--soft); font-size: 14px; }
#bars .track { height: 12px; border-radius: 6px; background: var(--track); overflow: hidden; }
#bars .fill { height: 100%; background: var(--soft); transform: scaleX(0); transform-origin: left; transition: transform 90ms linear; }
#bars .best .fill { background: var(--accent); }
#bars .best .value { color: var(--text); font-weight: 600; }
.wide { grid-column: 1 / -1; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { font-weight: 600; padding: 0; margin-bottom: 8px; }
#labels { display: grid; grid-template-columns: repeat(auto-fit, minmax(52px, 1fr)); gap: 8px; }
button {
  font: inherit; min-height: 44px; padding: 6px 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--card);
  color: var(--text); cursor: pointer;
}
button:hover:enabled { border-color: var(--accent); }
button:disabled { color: var(--soft); opacity: 0.55; cursor: default; }
button[aria-pressed='true'] { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 700; }
#labels button { font-weight: 600; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
#kept, #problem { margin: 12px 0 0; min-height: 1.5em; }
#problem { margin: 8px 0 0; }
#problem:empty { display: none; }
#kept.good { color: var(--good); font-weight: 600; }
#kept.bad, #problem { color: var(--bad); }
#kept.busy { color: var(--soft); }
#access { display: flex; flex-wrap: wrap; align-items: end; gap: 8px; margin-top: 8px; }
#access label { display: grid; gap: 4px; flex: 1 1 220px; font-size: 14px; }
input, select { font: inherit; min-height: 44px; padding: 6px 10px; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); color: var(--text); min-width: 0; }
pre { margin: 12px 0 0; padding: 12px; background: var(--track); border-radius: 8px; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: 14px/1.5 ui-monospace, 'Cascadia Mono', Menlo, 'Liberation Mono', monospace; }
footer { margin-top: 20px; color: var(--soft); font-size: 13px; }
a { color: var(--accent); }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (min-width: 601px) {
  /* In a low window the pad gets smaller, so that the buttons under it are seen: all else down to them is 470 px high. */
  #pad { width: min(100%, max(200px, 100vh - 470px)); margin-inline: auto; }
}
@media (max-width: 600px) {
  body { padding: 12px 12px 32px; }
  #draw { grid-template-columns: minmax(0, 1fr); gap: 12px; }
  .card { padding: 12px; }
  header { margin-bottom: 8px; }
  h1 { font-size: 22px; }
  #generated { margin-bottom: 12px; padding: 6px 10px; font-size: 13px; }
  .tools { margin-top: 8px; }
  #seen { width: 44px; height: 44px; }
  .hint { display: none; }
  #bars { display: block; columns: 2 140px; column-gap: 20px; }
  #bars li { gap: 8px; grid-template-columns: minmax(12px, max-content) 1fr 64px; height: 26px; break-inside: avoid; }
  #labels { grid-template-columns: repeat(5, minmax(0, 1fr)); }
}
@media (prefers-reduced-motion: reduce) { #bars .fill { transition: none; } }
`;
