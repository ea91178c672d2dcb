import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

interface Asked {
  readonly method?: string;
  /** Sent as it is; anything but text and bytes as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Speaks HTTP to a port of this machine, over a real socket that is kept for the next request. */
export interface Client {
  ask(path: string, asked?: Asked): Promise<Answer>;
  close(): void;
}

export function createClient(port: number): Client {
  const agent = new Agent({ keepAlive: true });
  return {
    ask: (path, { method, body, headers = {} } = {}) =>
      new Promise((resolve, reject) => {
        const bytes = body === undefined ? undefined : toBytes(body);
        const sent = request({
          port,
          host: '127.0.0.1',
          path,
          agent,
          method: method ?? (bytes === undefined ? 'GET' : 'POST'),
          headers: {
            ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
            ...headers,
          },
        });
        sent.on('error', reject);
        sent.on('response', (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const all = Buffer.concat(chunks);
            resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: all, json: parsed(all) });
          });
          response.on('error', reject);
        });
        sent.end(bytes);
      }),
    close: () => agent.destroy(),
  };
}

const toBytes = (body: unknown): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** Everything a connection says in answer to some bytes, until it hangs up. */
export function exchange(port: number, bytes: string | Buffer, then?: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes);
      then?.(socket);
    });
    let text = '';
    socket.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}
