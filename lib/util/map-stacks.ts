import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Stacks name the sources that bundled code was made of. Node's own `--enable-source-maps` does that, too, but reads the map of
 * every module when it is loaded, which takes a stage and each of its workers 12 ms; here it is read once a stack is asked for.
 */
export function mapStacks(): void {
  const maps = new Map<string, SourceMap | undefined>();
  const mapOf = (url: string): SourceMap | undefined => {
    if (!maps.has(url)) maps.set(url, readMap(url));
    return maps.get(url);
  };
  Error.prepareStackTrace = (error, frames) =>
    [headOf(error), ...frames.map((frame) => `    at ${told(frame, mapOf)}`)].join('\n');
}

/** What a stack begins with. Whatever an error says of itself must not make showing it fail. */
function headOf(error: Error): string {
  try {
    return String(error);
  } catch {
    return 'Error';
  }
}

function told(frame: NodeJS.CallSite, mapOf: (url: string) => SourceMap | undefined): string {
  const text = String(frame);
  const [url, line, column] = [frame.getFileName(), frame.getLineNumber(), frame.getColumnNumber()];
  if (!url?.startsWith('file:') || line === null || column === null) return text;
  // Lines and columns of a map begin at 0.
  const entry = mapOf(url)?.findEntry(line - 1, column - 1);
  if (entry === undefined || !('originalSource' in entry)) return text;
  const source = new URL(entry.originalSource, url);
  const path = source.protocol === 'file:' ? fileURLToPath(source) : source.href;
  const place = `${path}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  return text.replace(`${url}:${line}:${column}`, () => place);
}

/** Undefined for a module that has none, or none that can be read. */
function readMap(url: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
