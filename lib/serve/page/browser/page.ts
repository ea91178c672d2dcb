import type { PageModel } from './api.ts';
import { createAsking } from './asking.ts';
import { createBars, percent } from './bars.ts';
import { toImage } from './drawing.ts';
import { element } from './element.ts';
import { createModels, isDrawable } from './models.ts';
import { createPad } from './pad.ts';
import { showImage } from './preview-image.ts';
import { createTruth } from './truth.ts';

const best = element('p', 'best');
const heard = element('p', 'heard');
const problem = element('p', 'problem');
const seen = element('canvas', 'seen');
const clear = element('button', 'clear');
const undo = element('button', 'undo');

const bars = createBars(element('ol', 'bars'));
const models = createModels(showModel);
const asking = createAsking({
  model: () => models.chosen?.name ?? '',
  onPreview: (probabilities) => show(probabilities),
  onPrediction: ({ version, probabilities }) => {
    heard.textContent = show(probabilities);
    if (version !== models.chosen?.version) void models.refresh();
  },
  onProblem: (text) => {
    problem.textContent = text;
  },
});
const truth = createTruth(() => asking.settled());
const pad = createPad(element('canvas', 'pad'), {
  onBegin: () => {
    // The truth about the last one has been told, so this is another one.
    if (truth.isKept()) pad.clear();
  },
  onChange: () => {
    const image = toImage(pad.drawing);
    const isDrawn = image.length > 0;
    truth.reset();
    truth.enable(isDrawn);
    clear.disabled = undo.disabled = !isDrawn;
    problem.textContent = heard.textContent = '';
    showImage(seen, image);
    if (!isDrawn) show([]);
    asking.changed(image);
  },
  onRest: () => asking.rest(),
});
clear.addEventListener('click', () => pad.clear());
undo.addEventListener('click', () => pad.undo());
element('canvas', 'pad').addEventListener('keydown', ({ key }) => {
  if (key === 'Escape' || key === 'Delete') pad.clear();
  else if (key === 'Backspace') pad.undo();
});

/** Shows an answer, and says it in words. */
function show(probabilities: readonly number[]): string {
  bars.show(probabilities);
  const most = Math.max(...probabilities);
  const name = models.chosen?.classes[probabilities.indexOf(most)];
  const text = name === undefined ? '' : `It looks like ${name}, ${percent(most)} sure.`;
  best.textContent = name === undefined ? 'Nothing is drawn yet.' : text;
  return text;
}

let shown: PageModel | undefined;

/** A new version of the same kind takes nothing away from whoever is drawing. */
const isAlike = (one: PageModel | undefined, other: PageModel | undefined): boolean =>
  JSON.stringify({ ...one, version: 0, generated: false }) ===
  JSON.stringify({ ...other, version: 0, generated: false });

function showModel(model: PageModel | undefined, why: string): void {
  const isNew = !isAlike(model, shown);
  shown = model;
  const drawable = model !== undefined && isDrawable(model);
  element('span', 'name').textContent = model === undefined ? 'no model' : `${model.name} v${model.version}`;
  element('p', 'generated').hidden = model?.generated !== true;
  element('h1', 'title').textContent = drawable ? 'What do you draw?' : 'Ask the model';
  element('span', 'record').hidden = !drawable;
  element('section', 'draw').hidden = !drawable;
  element('section', 'missing').hidden = model !== undefined;
  element('section', 'other').hidden = model === undefined || drawable;
  if (model === undefined) {
    element('p', 'why').textContent = why === '' ? 'No model answers yet. This page looks again by itself.' : why;
    return;
  }
  if (drawable) {
    if (!isNew) return;
    bars.classes(model.classes);
    truth.classes(model.classes);
    pad.clear();
    return;
  }
  element('p', 'takes').textContent =
    `${model.name} v${model.version} takes rows of shape ${model.shape.join(' x ')}, and this page draws 28 x 28. Ask it over HTTP, here with a row of zeros:`;
  element('code', 'ask').textContent = askingCommand(model);
}

/** A row of so few numbers is shown as what somebody may type. */
const TYPED = 64;

function askingCommand({ name, shape }: PageModel): string {
  const width = shape.reduce((product, length) => product * length, 1);
  const url = `${new URL(`v2/models/${encodeURIComponent(name)}`, document.baseURI)}/infer`;
  if (width > TYPED) {
    return `head -c ${width} /dev/zero | curl --data-binary @- -H 'content-type: application/octet-stream' -H 'inference-header-content-length: 0' ${url}`;
  }
  const input = { name: 'input', datatype: 'FP32', shape: [1, ...shape], data: Array.from({ length: width }, () => 0) };
  return `curl -H 'content-type: application/json' ${url} -d '${JSON.stringify({ inputs: [input] })}'`;
}

show([]);
void models.refresh();
