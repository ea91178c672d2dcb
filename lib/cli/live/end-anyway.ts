import type { Io } from '../io.ts';

/**
 * Kills the program itself where threads of it do not end: Node waits for every thread before it exits, and one that the operating
 * system does not come back to would keep it for ever.
 */
export function endAnyway(threads: number, io: Io): void {
  if (threads === 0) return;
  const what = threads === 1 ? 'A thread that was given up does' : `${threads} threads that were given up do`;
  io.stderr(`${what} not end: the operating system does not come back to it. The server ends itself with SIGKILL.\n`);
  process.kill(process.pid, 'SIGKILL');
}
