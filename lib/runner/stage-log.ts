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
  /** Throws what the first writing that went wrong threw: until then nobody who could be told was there. */
  close(): void;
}

export function openStageLog(
  file: string,
  options: { readonly redactor: Redactor; readonly hasSecrets: boolean },
): StageLog {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, 'a');
  const ends: (() => void)[] = [];
  let fault: { readonly error: unknown } | undefined;
  const write = (text: string): void => {
    try {
      if (fault === undefined) writeSync(handle, text);
    } catch (error) {
      fault = { error };
    }
  };
  return {
    target: options.hasSecrets ? undefined : handle,
    follow: (stream) => {
      const redacted = options.redactor.stream();
      stream?.setEncoding('utf8').on('data', (piece: string) => write(redacted.push(piece)));
      ends.push(() => write(redacted.end()));
    },
    line: (text) => write(`${options.redactor.text(text)}\n`),
    close: () => {
      for (const end of ends) end();
      closeSync(handle);
      if (fault !== undefined) throw fault.error;
    },
  };
}
