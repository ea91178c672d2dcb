import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { centreOfMass } from '../../lib/serve/page/browser/drawing.ts';
import { browser, openBrowser } from '../rig/browser.ts';
import { type Project, shippedProject } from '../rig/project.ts';
import { type Serving, serve, servedProject } from '../rig/served-project.ts';

type Point = readonly [number, number];

/** Strokes on a pad whose sides are 1 long. */
const ONE: readonly (readonly Point[])[] = [
  [
    [0.54, 0.15],
    [0.5, 0.5],
    [0.46, 0.85],
  ],
];
const ZERO: readonly (readonly Point[])[] = [
  Array.from({ length: 25 }, (_, at): Point => {
    const angle = (at / 24) * 2 * Math.PI;
    return [0.5 + 0.22 * Math.sin(angle), 0.5 - 0.33 * Math.cos(angle)];
  }),
];

describe.skipIf(browser === undefined)('the page at /, in Chromium', () => {
  let chromium: Browser;
  let project: Project;
  let server: Serving;
  let page: Page;
  /** What the page did that it should not: errors, and requests to others than its server. */
  let wrong: string[];

  const open = async (options: BrowserContextOptions = {}, url = server.url): Promise<Page> => {
    const context = await chromium.newContext({ viewport: { width: 900, height: 900 }, ...options });
    page = await context.newPage();
    wrong = [];
    page.on('pageerror', ({ message }) => wrong.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') wrong.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:')) wrong.push(request.url());
    });
    await page.goto(url);
    await says('name', / v\d+$/);
    return page;
  };

  const placed = async (strokes: readonly (readonly Point[])[]) => {
    const box = await page.locator('#pad').boundingBox();
    if (box === null) throw new Error('there is no pad');
    return strokes.map((stroke) => stroke.map(([x, y]) => ({ x: box.x + x * box.width, y: box.y + y * box.height })));
  };

  const drawWithMouse = async (strokes: readonly (readonly Point[])[]): Promise<void> => {
    for (const [first, ...rest] of await placed(strokes)) {
      if (first === undefined) continue;
      await page.mouse.move(first.x, first.y);
      await page.mouse.down();
      for (const { x, y } of rest) await page.mouse.move(x, y, { steps: 3 });
      await page.mouse.up();
    }
  };

  /** Waits until an element says something. */
  const says = (id: string, text: RegExp): Promise<void> =>
    page.locator(`#${id}`).filter({ hasText: text }).waitFor({ state: 'attached' });

  /** What a screen reader is told once the answer is on record. */
  const heard = async (): Promise<string> => {
    await says('heard', /./);
    return (await page.textContent('#heard')) ?? '';
  };
  const bars = async () => {
    const values = await page.locator('#bars .value').allTextContents();
    return values.map((text) => Number(text.replace(' %', '')));
  };
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const kept = async (): Promise<string> => {
    await page.waitForSelector('#kept.good');
    return (await page.textContent('#kept')) ?? '';
  };
  const recorded = () =>
    project.rows<{ id: string; predicted: number; label: number | null; input: Buffer }>(
      `SELECT prediction.id, predicted, input, (SELECT label FROM label WHERE label.prediction = prediction.id
        ORDER BY id DESC LIMIT 1) AS label
        FROM prediction JOIN prediction_input ON prediction = number WHERE source = 'serve' ORDER BY number`,
    );

  beforeAll(async () => {
    chromium = await openBrowser();
    project = shippedProject();
    const { status, stderr } = await project.mlloop(['run', '--profile', 'quick', '--to', 'deploy']);
    expect(status, stderr).toBe(0);
    server = await serve(project);
  });
  afterEach(async () => {
    expect(wrong).toEqual([]);
    await page.context().close();
  });
  afterAll(async () => {
    await chromium.close();
    await server.stop();
    project.dispose();
  });

  test('answers a drawn 1 and a drawn 0, and puts on record what it was and what a person says it was', async () => {
    await open();
    expect(await page.textContent('#name')).toBe('digits-demo v1');
    expect(await page.isVisible('#generated')).toBe(true);
    expect(await bars()).toEqual(Array.from({ length: 10 }, () => Number.NaN));
    expect(await button('3').isDisabled()).toBe(true);

    await drawWithMouse(ONE);
    expect(await heard()).toMatch(/^It looks like 1, \d+\.\d % sure\.$/);
    expect(await page.textContent('#bars .best .class')).toBe('1');
    const values = await bars();
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(100, 0);
    await button('1').click();
    expect(await kept()).toBe('Kept: it is 1. Thank you.');

    // The next stroke begins another drawing, for the truth about the last has been told.
    await drawWithMouse(ZERO);
    expect(await heard()).toMatch(/^It looks like 0, /);
    expect(await page.textContent('#kept')).toBe('');
    await button('6').click();
    expect(await kept()).toBe('Kept: it is 6. Thank you.');
    await button('0').click();
    await says('kept', /after all/);
    expect(await button('0').getAttribute('aria-pressed')).toBe('true');

    const rows = recorded();
    // What was half drawn is not among them.
    expect(rows.map(({ predicted, label }) => [predicted, label])).toEqual([
      [1, 1],
      [0, 0],
    ]);
    for (const { input } of rows) {
      expect(input).toHaveLength(784);
      expect(centreOfMass(input).x).toBeCloseTo(14, 0);
      expect(centreOfMass(input).y).toBeCloseTo(14, 0);
    }
    expect(project.rows("SELECT label FROM label WHERE source = 'serve' ORDER BY id")).toEqual([
      { label: 1 },
      { label: 6 },
      { label: 0 },
    ]);
  });

  test('shows the answer while the pen is still down', async () => {
    await open();
    const before = recorded().length;
    const [stroke = []] = await placed(ONE);
    const [first, ...rest] = stroke;
    await page.mouse.move(first?.x ?? 0, first?.y ?? 0);
    await page.mouse.down();
    for (const { x, y } of rest) await page.mouse.move(x, y, { steps: 5 });
    await page.locator('#bars .best .class').filter({ hasText: '1' }).waitFor();
    expect(await page.textContent('#heard')).toBe('');
    await page.mouse.up();
    await heard();
    await expect.poll(() => recorded().length).toBe(before + 1);
  });

  test('is drawn on with a finger, on a phone, without scrolling away', async () => {
    await open({ viewport: { width: 375, height: 760 }, hasTouch: true, isMobile: true });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    const devtools = await page.context().newCDPSession(page);
    for (const stroke of await placed(ZERO)) {
      for (const [at, point] of stroke.entries()) {
        await devtools.send('Input.dispatchTouchEvent', {
          type: at === 0 ? 'touchStart' : 'touchMove',
          touchPoints: [point],
        });
      }
      await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    }
    expect(await heard()).toMatch(/^It looks like 0, /);
    expect(await page.evaluate('scrollY')).toBe(0);
    const answer = await page.locator('#bars').boundingBox();
    expect((answer?.y ?? 0) + (answer?.height ?? 0)).toBeLessThan(760);
    await page.getByRole('button', { name: '0', exact: true }).tap();
    expect(await kept()).toBe('Kept: it is 0. Thank you.');
  });

  test.each([
    [1280, 760],
    [900, 700],
  ])(
    'fits a window %i wide and %i high, down to the buttons that say what it was and what became of that',
    async (width, height) => {
      await open({ viewport: { width, height } });
      await drawWithMouse(ONE);
      expect(await heard()).toMatch(/^It looks like 1, /);
      await button('1').click();
      expect(await kept()).toBe('Kept: it is 1. Thank you.');
      const told = await page.locator('#kept').boundingBox();
      expect((told?.y ?? height) + (told?.height ?? 0)).toBeLessThan(height);
      expect(await page.evaluate('scrollY')).toBe(0);
    },
  );

  test('can be used with the keyboard alone', async () => {
    await open();
    await page.keyboard.press('Tab');
    for (let at = 0; at < 10; at++) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Space');
    for (let at = 0; at < 20; at++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    expect(await heard()).toMatch(/^It looks like 1, /);
    // Clear, Undo, 0, 1.
    for (let at = 0; at < 4; at++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await kept()).toBe('Kept: it is 1. Thank you.');
    for (let at = 0; at < 4; at++) await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Escape');
    expect(await page.textContent('#best')).toBe('Nothing is drawn yet.');
  });

  test('takes back strokes, and all of it', async () => {
    await open();
    await drawWithMouse([
      ...ONE,
      [
        [0.2, 0.9],
        [0.8, 0.9],
      ],
    ]);
    await button('Undo').click();
    expect(await heard()).toMatch(/^It looks like 1, /);
    await button('Clear').click();
    expect(await page.textContent('#best')).toBe('Nothing is drawn yet.');
    expect(await button('Clear').isDisabled()).toBe(true);
  });

  test('follows dark and light', async () => {
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    await open({ colorScheme: 'dark' });
    expect(await ground()).toBe('rgb(20, 24, 29)');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await ground()).toBe('rgb(246, 247, 249)');
  });

  test('says so when the server has gone, and does not claim to have kept anything', async () => {
    await open();
    await drawWithMouse(ONE);
    await heard();
    await page.route('**/feedback', (route) => route.abort());
    await button('1').click();
    await page.waitForSelector('#kept.bad');
    expect(await page.textContent('#kept')).toBe('Not kept. The server does not answer.');
    expect(await button('1').getAttribute('aria-pressed')).toBe('false');
    expect(wrong.splice(0)).toEqual(['Failed to load resource: net::ERR_FAILED']);
  });

  test('asks for the token where feedback needs one', async () => {
    const guarded = await serve(project, [], { MLLOOP_TOKEN: 'correct-horse-battery' });
    await open({}, guarded.url);
    await drawWithMouse(ONE);
    await heard();
    await button('1').click();
    await page.waitForSelector('#kept.bad');
    expect(await page.textContent('#kept')).toBe('Not kept yet: this server wants its token.');
    await page.keyboard.type('battery-horse-correct');
    await page.keyboard.press('Enter');
    await says('kept', /^Not kept\. This is not the token/);
    await page.fill('#token', 'correct-horse-battery');
    await page.keyboard.press('Enter');
    expect(await kept()).toBe('Kept: it is 1. Thank you.');
    expect(wrong.splice(0)).toEqual(
      Array.from(
        { length: 2 },
        () => 'Failed to load resource: the server responded with a status of 401 (Unauthorized)',
      ),
    );
    await guarded.stop();
  });

  test('tells how to ask a model whose rows it cannot draw, with a command that works', async () => {
    const other = await servedProject();
    const toy = await serve(other);
    await open({}, toy.url);
    await page.waitForSelector('#other:not([hidden])');
    expect(await page.textContent('#takes')).toBe(
      'toy v1 takes rows of shape 4 x 3, and this page draws 28 x 28. Ask it over HTTP, here with a row of zeros:',
    );
    expect(await page.isVisible('#pad')).toBe(false);
    const command = (await page.textContent('#ask')) ?? '';
    const body = '{"inputs":[{"name":"input","datatype":"FP32","shape":[1,4,3],"data":[0,0,0,0,0,0,0,0,0,0,0,0]}]}';
    expect(command).toBe(`curl -H 'content-type: application/json' ${toy.url}/v2/models/toy/infer -d '${body}'`);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${toy.url}/v2/models/toy/infer`, { method: 'POST', headers, body });
    expect([answer.status, ((await answer.json()) as { model_name: string }).model_name]).toEqual([200, 'toy']);
    expect(await page.textContent('h1')).toBe('Ask the model');
    expect(await page.isVisible('#record')).toBe(false);
    await toy.stop();
    other.dispose();
  });
});
