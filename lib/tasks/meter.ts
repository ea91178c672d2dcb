import { readFileSync, writeFileSync } from 'node:fs';
import type { TaskUsage } from '../domain/tasks.ts';

/** Measures what this process spends from now until the meter is read. */
export function startMeter(): () => TaskUsage {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const isReset = resetPeak();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return {
      wallMs: performance.now() - startedMs,
      cpuMs: (user + system) / 1000,
      peakMemoryBytes: isReset ? peakMemory() : null,
    };
  };
}

/** Linux forgets a process's peak when 5 is written here (proc(5), clear_refs); elsewhere nothing tells a call's own peak. */
function resetPeak(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    // Some containers do not allow it.
    return false;
  }
}

function peakMemory(): number | null {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}
