/** Threads that were killed and have not ended: one in the middle of a call of the operating system ends when that returns. */
export interface KilledThreads {
  note(folder: string, exited: Promise<void>): void;
  /** How many of them are those of a version's folder; of any, when it is left out. */
  count(folder?: string): number;
}

export function createKilledThreads(): KilledThreads {
  const folders = new Map<Promise<void>, string>();
  return {
    note: (folder, exited) => {
      folders.set(exited, folder);
      void exited.then(() => folders.delete(exited));
    },
    count: (folder) => [...folders.values()].filter((one) => folder === undefined || one === folder).length,
  };
}
