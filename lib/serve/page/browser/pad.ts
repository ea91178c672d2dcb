import type { Point } from './drawing.ts';

export interface Pad {
  readonly drawing: readonly (readonly Point[])[];
  clear(): void;
  undo(): void;
}

export interface PadEvents {
  /** Before a stroke begins. */
  readonly onBegin: () => void;
  /** The drawing is another one now. */
  readonly onChange: () => void;
  /** The pen was lifted, or a stroke taken away. */
  readonly onRest: () => void;
}

/** Width of the line, as a share of the pad's side. */
const LINE = 0.075;

/** How far an arrow key moves the pen, as a share of the pad's side. */
const STEP = 1 / 28;

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -STEP, y: 0 },
  ArrowRight: { x: STEP, y: 0 },
  ArrowUp: { x: 0, y: -STEP },
  ArrowDown: { x: 0, y: STEP },
};

const within = (value: number): number => Math.min(1, Math.max(0, value));

/** A square to draw on: with a mouse, a finger or a pen, or with the arrow keys, Space putting the pen down and lifting it. */
export function createPad(canvas: HTMLCanvasElement, { onBegin, onChange, onRest }: PadEvents): Pad {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  let strokes: Point[][] = [];
  /** The pointer that draws; others are left out of it. */
  let pointer: number | undefined;
  let cursor: Point = { x: 0.5, y: 0.5 };
  let isPenDown = false;
  let hasCursor = false;

  const paint = (): void => {
    const side = Math.round(canvas.clientWidth * devicePixelRatio);
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const style = getComputedStyle(canvas);
    context.clearRect(0, 0, side, side);
    context.lineCap = context.lineJoin = 'round';
    context.lineWidth = LINE * side;
    context.strokeStyle = style.getPropertyValue('--ink');
    for (const stroke of strokes) {
      const path = new Path2D();
      const [first, ...rest] = stroke.map(({ x, y }) => [x * side, y * side] as const);
      if (first !== undefined) path.moveTo(...first);
      // A line without length is a dot.
      for (const point of rest.length === 0 && first !== undefined ? [first] : rest) path.lineTo(...point);
      context.stroke(path);
    }
    if (!hasCursor) return;
    context.lineWidth = Math.max(1, side / 200);
    context.strokeStyle = style.getPropertyValue('--accent');
    context.beginPath();
    context.arc(cursor.x * side, cursor.y * side, (LINE * side) / (isPenDown ? 2 : 1.4), 0, 2 * Math.PI);
    context.stroke();
  };

  const begin = (point: Point): void => {
    onBegin();
    strokes.push([point]);
    changed();
  };
  const extend = (points: readonly Point[]): void => {
    strokes.at(-1)?.push(...points);
    changed();
  };
  const changed = (): void => {
    paint();
    onChange();
  };

  const pointOf = ({ clientX, clientY }: PointerEvent): Point => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return { x: within((clientX - left) / width), y: within((clientY - top) / height) };
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (pointer !== undefined || event.button !== 0) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    hasCursor = isPenDown = false;
    begin(pointOf(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId !== pointer) return;
    const passed = event.getCoalescedEvents();
    extend((passed.length === 0 ? [event] : passed).map(pointOf));
  });
  for (const end of ['pointerup', 'pointercancel'] as const) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = undefined;
      onRest();
    });
  }

  const lift = (): void => {
    if (!isPenDown) return;
    isPenDown = false;
    onRest();
  };
  canvas.addEventListener('keydown', (event) => {
    const move = ARROWS[event.key];
    if (move === undefined && event.key !== ' ') return;
    event.preventDefault();
    hasCursor = true;
    if (move !== undefined) {
      cursor = { x: within(cursor.x + move.x), y: within(cursor.y + move.y) };
      if (isPenDown) return extend([cursor]);
    } else if (isPenDown) lift();
    else {
      isPenDown = true;
      return begin(cursor);
    }
    paint();
  });
  canvas.addEventListener('blur', () => {
    hasCursor = false;
    lift();
    paint();
  });

  new ResizeObserver(paint).observe(canvas);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);

  return {
    get drawing() {
      return strokes;
    },
    clear: () => {
      strokes = [];
      isPenDown = false;
      changed();
    },
    undo: () => {
      isPenDown = false;
      strokes.pop();
      changed();
      onRest();
    },
  };
}
