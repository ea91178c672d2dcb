import { createHash } from 'node:crypto';
import { STYLE } from './style.ts';

/** A page, and the policy under which a browser may show it. */
export interface PageDocument {
  readonly html: string;
  readonly policy: string;
}

const BODY = `
<header>
<h1 id="title">What do you draw?</h1>
<p><label for="choice" class="unseen">Model</label><select id="choice" hidden></select> answered by <span id="name">…</span></p>
</header>
<noscript><p>This page needs JavaScript. Without it, ask the model over HTTP: <a href="openapi.json">openapi.json</a> says how.</p></noscript>
<p id="generated" hidden>This model learned from GENERATED DATA: it may know your hand worse than it seems.</p>
<section id="missing" class="card" hidden><p id="why"></p></section>
<section id="other" class="card" hidden>
<p id="takes"></p>
<pre><code id="ask"></code></pre>
</section>
<section id="draw" hidden>
<div class="card">
<canvas id="pad" tabindex="0" role="application" aria-label="Drawing area" aria-describedby="how"></canvas>
<div class="tools">
<button type="button" id="clear" disabled>Clear</button>
<button type="button" id="undo" disabled>Undo</button>
<div class="seen"><span>what the<br>model sees</span><canvas id="seen" width="28" height="28" aria-hidden="true"></canvas></div>
</div>
<p class="hint" id="how">Draw with mouse, finger or pen. With keys: arrows move, <kbd>Space</kbd> puts the pen down and lifts it, <kbd>Esc</kbd> clears.</p>
</div>
<div class="card answer">
<p id="best" aria-hidden="true"></p>
<p id="heard" class="unseen" aria-live="polite"></p>
<ol id="bars" aria-label="How probable each is"></ol>
<p id="problem" role="alert"></p>
</div>
<div class="card wide">
<fieldset id="truth" disabled>
<legend>What was it really?</legend>
<div id="labels"></div>
</fieldset>
<form id="access" hidden>
<label>The token of this server<input id="token" type="password" autocomplete="off" required></label>
<button>Send</button>
</form>
<p id="kept" role="status"></p>
</div>
</section>
<footer><span id="record">Once the pen rests, a drawing and its answer are put on record under a prediction id; what you say it was is feedback.</span> <a href="openapi.json">How to ask from a program</a></footer>
`;

const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** One file that asks for no other; nothing but its own script and style runs in it, and it talks to its own server alone. */
export function pageDocument(script: string): PageDocument {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Draw and ask</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>${BODY}<script type="module">${script}</script>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `script-src ${sourceOf(script)}`,
    `style-src ${sourceOf(STYLE)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}
