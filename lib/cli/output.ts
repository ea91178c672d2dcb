import type { Writable } from 'node:stream';

/** A stream of the program's own that is written to for as long as anybody takes it. */
export interface Output {
  write(text: string): void;
  /** Waits until all of it is handed over; then why some of it was not, where the reader has not just gone away. */
  settled(): Promise<string | undefined>;
}

/** What it means that nobody reads any more: `head` has seen enough, or the terminal is closed. */
const GONE: readonly string[] = ['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

/** A run is not to end because nobody watches it, nor because the disk that its output goes to is full. */
export function createOutput(stream: Writable): Output {
  let problem: string | undefined;
  let isUsed = false;
  const note = (error: Error | null | undefined): void => {
    if (error === null || error === undefined) return;
    if (!GONE.includes(String((error as NodeJS.ErrnoException).code))) problem ??= error.message;
  };
  stream.on('error', note);
  return {
    write: (text) => {
      isUsed = true;
      if (!stream.destroyed) stream.write(text);
    },
    settled: () =>
      new Promise((resolve) => {
        if (!isUsed || stream.destroyed) resolve(problem);
        else
          stream.write('', (error) => {
            note(error);
            resolve(problem);
          });
      }),
  };
}
