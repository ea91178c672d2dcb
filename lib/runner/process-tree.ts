import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The variable that every process of an attempt inherits, so that those which left its group are found, too. */
export const MARK_VARIABLE = 'MLLOOP_ATTEMPT';

/** Sends a signal to every process of the group that this pid leads; a group that is gone already is fine. */
export function endGroup(pid: number, signal: NodeJS.Signals): void {
  signalTo(-pid, signal);
}

/** Sends a signal to every process that carries the mark. Only Linux shows what processes carry; elsewhere this finds none. */
export function endMarked(mark: string, signal: NodeJS.Signals): number {
  const found = markedProcesses(mark);
  for (const pid of found) signalTo(pid, signal);
  return found.length;
}

function markedProcesses(mark: string): number[] {
  if (process.platform !== 'linux') return [];
  const wanted = `${MARK_VARIABLE}=${mark}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`)?.split('\0').includes(wanted))
    .map(Number);
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/** Tells a process from a later one of the same number; undefined when it is gone or nothing can be learned. */
export function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = read(`/proc/${pid}/stat`);
    // The program's name, in brackets, may hold blanks and brackets; the 22nd field is 20 behind it.
    const started = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return started === undefined ? undefined : `${read('/proc/sys/kernel/random/boot_id')?.trim()} ${started}`;
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    // ps ends with 1 when there is no such process.
    return undefined;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Processes end while they are looked at, and those of others are closed to us.
    return undefined;
  }
}
