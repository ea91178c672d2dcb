import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import type { Redactor } from '../util/redact.ts';

/** The log of one attempt: what its processes print and what the stage says, as it comes, without secrets. */
export interface StageLog {
  /** What a process may print into by itself; undefined when it has to be looked through first. */
  readonly target: number | undefined;
  /** Takes in what comes out of a stream of the process. */
  follow(stream: Readable | null | undefined): void;
  line(text: string): void;
  close(): void;
}

export function openStageLog(
  file: string,
  options: { readonly redactor: Redactor; readonly hasSecrets: boolean },
): StageLog {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, 'a');
  const ends: (() => void)[] = [];
  return {
    target: options.hasSecrets ? undefined : handle,
    follow: (stream) => {
      const redacted = options.redactor.stream();
      stream?.setEncoding('utf8').on('data', (piece: string) => writeSync(handle, redacted.push(piece)));
      ends.push(() => writeSync(handle, redacted.end()));
    },
    line: (text) => {
      writeSync(handle, `${options.redactor.text(text)}\n`);
    },
    close: () => {
      for (const end of ends) end();
      closeSync(handle);
    },
  };
}
