import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** What cannot even be read as a request, by the code Node gives it. */
const KNOWN: Readonly<Record<string, { readonly status: number; readonly error: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, error: 'The request did not arrive in time.' },
  HPE_HEADER_OVERFLOW: { status: 431, error: 'The headers are larger than 16 KiB.' },
};

const MALFORMED = { status: 400, error: 'This is not an HTTP request that can be read.' };

/** Answers what is no request with the same kind of body as all else, and hangs up. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  // The client is gone, or an answer is under way on this connection.
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { status, error: text } = KNOWN[error.code ?? ''] ?? MALFORMED;
  const body = JSON.stringify({ error: text });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

/** A client that waits for leave before it sends is given it by Node; whatever else it expects is not done here. */
export function answerExpectation(_: IncomingMessage, response: ServerResponse): void {
  const body = JSON.stringify({ error: 'The header Expect asks for what is not done here.' });
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  response.writeHead(417, { ...headers, connection: 'close' }).end(body);
}
