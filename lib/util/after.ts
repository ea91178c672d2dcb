/** The longest that a timer of Node's lasts, in milliseconds: one that is to last longer is over at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Does something once so many milliseconds have gone by, however many; what it returns calls that off. */
export function after(ms: number, act: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const lasts = Math.min(left, LONGEST_TIMER_MS);
    timer = setTimeout(() => (left > lasts ? wait(left - lasts) : act()), lasts);
  };
  wait(ms);
  return () => clearTimeout(timer);
}
