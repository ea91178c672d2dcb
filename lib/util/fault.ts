/** Places where a test may make the program fail, so that what it promises about crashes can be shown. */
export const FAULT_POINTS = [
  'run.locked',
  'run.recorded',
  'attempt.recorded',
  'attempt.executed',
  'outs.checked',
  'store.hashed',
  'store.before-sync',
  'store.before-rename',
  'store.after-rename',
  'atomic.written',
  'atomic.before-rename',
  'atomic.after-rename',
  'version.copied',
  'version.before-rename',
  'version.after-rename',
  'alias.recorded',
  'alias.before-rename',
  'commit.before',
  'commit.inside',
  'commit.after',
  'key.after-effects',
  'links.before',
  'run.ended',
  'gc.marked',
] as const;

export type FaultPoint = (typeof FAULT_POINTS)[number];

interface Fault {
  readonly kind: string;
  readonly point: string;
  /** The how manieth time the point is reached, from 1. */
  readonly nth: number;
}

/**
 * `KILL@store.after-rename#2` dies there the second time, `ENOSPC@…` finds the disk full, `TRACE@all` tells on stderr what it
 * comes by. Nothing in ordinary use.
 */
const armed = parse(process.env['MLLOOP_FAULT']);

function parse(text: string | undefined): Fault | undefined {
  const [, kind, point, nth] = /^([A-Z]+)@([\w.-]+)(?:#(\d+))?$/.exec(text ?? '') ?? [];
  return kind === undefined || point === undefined ? undefined : { kind, point, nth: Number(nth ?? 1) };
}

let reached = 0;

/** Marks a place between two steps that must both happen or neither seem to have. */
export function faultPoint(point: FaultPoint): void {
  if (armed?.kind === 'TRACE') process.stderr.write(`fault point ${point}\n`);
  if (armed?.point !== point) return;
  reached += 1;
  if (reached !== armed.nth) return;
  if (armed.kind === 'KILL') process.kill(process.pid, 'SIGKILL');
  throw Object.assign(new Error(`${armed.kind}: injected at ${point}`), { code: armed.kind });
}
