// What a debugger does with a breakpoint in a source: finds its place in the executed copy by the source map beside it, sets it
// there, and tells what it sees when it holds. Usage: node --experimental-websocket debugger.mjs WS COPY SOURCE LINE EXPRESSION
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , url, copy, source, line, expression] = process.argv;

/** The first place in the copy that comes from a line of the source; both count from 0. */
function placeOf() {
  const code = readFileSync(copy, 'utf8').split('\n');
  const name = /\/\/# sourceMappingURL=(.*)/.exec(code.join('\n'))[1];
  const map = new SourceMap(JSON.parse(readFileSync(new URL(name, pathToFileURL(copy)), 'utf8')));
  const wanted = pathToFileURL(source).href;
  for (const [lineNumber, text] of code.entries()) {
    for (let columnNumber = 0; columnNumber < text.length; columnNumber++) {
      const entry = map.findEntry(lineNumber, columnNumber);
      if (entry.originalSource === wanted && entry.originalLine === Number(line) - 1)
        return { lineNumber, columnNumber };
    }
  }
  throw new Error(`no place in ${copy} comes from ${wanted}:${line}`);
}

const socket = new WebSocket(url);
let calls = 0;
const waiting = new Map();
const call = (method, params = {}) =>
  new Promise((resolve) => {
    calls += 1;
    waiting.set(calls, resolve);
    socket.send(JSON.stringify({ id: calls, method, params }));
  });
socket.addEventListener('message', async ({ data }) => {
  const { id, result, method, params } = JSON.parse(data);
  if (id !== undefined) return waiting.get(id)(result);
  if (method !== 'Debugger.paused') return undefined;
  if (params.hitBreakpoints.length === 0) return call('Debugger.resume');
  const [frame] = params.callFrames;
  const seen = await call('Debugger.evaluateOnCallFrame', { callFrameId: frame.callFrameId, expression });
  process.stdout.write(`${JSON.stringify({ value: seen.result.value })}\n`);
  await call('Debugger.resume');
  return process.exit(0);
});
socket.addEventListener('open', async () => {
  await call('Runtime.enable');
  await call('Debugger.enable');
  await call('Debugger.setBreakpointByUrl', { url: pathToFileURL(copy).href, ...placeOf() });
  await call('Runtime.runIfWaitingForDebugger');
});
