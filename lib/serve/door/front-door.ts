import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Fault } from '../fault.ts';
import { wholeRequest } from './whole-request.ts';

interface Connection {
  /** Whether a request of it has been let in and is not answered yet. */
  isAnswering: boolean;
  /** Whether Node's parser ever had a request of it: it hangs up on who never sends one. */
  isKnown: boolean;
  /** What its last request is going to be told. */
  refused: Fault | undefined;
}

export interface FrontDoorOptions {
  /** Why a question with this path is not let in. */
  readonly refusal: (url: string) => Fault | undefined;
}

/**
 * Looks at what connections bring before Node's parser does. A server that is asked for twice what it can do has to refuse more requests
 * than it answers, and behind the parser refusing leaves it hardly any time for answers. It stands on connections
 * whose every read has been one whole, plain request, answered before the next one came: the parser is then known to be between two
 * requests. It leaves a connection for good that brings anything else, and `shedHook` refuses behind the parser.
 */
export function standAtTheDoor(server: Server, { refusal }: FrontDoorOptions): void {
  const connections = new WeakMap<Socket, Connection>();
  const refuseLater = createRefuser();
  server.on('connection', (socket: Socket) => {
    // Node's own, which it adds when a connection begins; where there is another kind of parser nothing is done.
    const [parse, ...others] = socket.listeners('data') as ((bytes: Buffer) => void)[];
    if (parse === undefined || others.length > 0) return;
    const connection: Connection = { isAnswering: false, isKnown: false, refused: undefined };
    const look = (bytes: Buffer): void => {
      const request = isBetween(connection, socket) ? wholeRequest(bytes) : undefined;
      if (request === undefined) {
        tellRefused(connection, socket);
        socket.removeListener('data', look);
        socket.on('data', parse);
        return parse(bytes);
      }
      const fault = connection.isKnown && request.method === 'POST' ? refusal(request.url) : undefined;
      if (fault !== undefined) {
        connection.refused = fault;
        return refuseLater(connection, socket);
      }
      connection.isAnswering = true;
      connection.isKnown = true;
      parse(bytes);
    };
    socket.removeListener('data', parse);
    socket.on('data', look);
    connections.set(socket, connection);
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(socket);
    if (connection === undefined) return;
    response.once('close', () => {
      connection.isAnswering = false;
    });
  });
}

/** Whether all that came was answered, and the answers were taken. */
const isBetween = ({ isAnswering, refused }: Connection, socket: Socket): boolean =>
  !isAnswering && refused === undefined && socket.writableLength === 0;

/** Answers at the end of the event loop's turn: what goes out together wakes a client on the same machine once, and not once each. */
function createRefuser(): (connection: Connection, socket: Socket) => void {
  let waiting: (readonly [Connection, Socket])[] = [];
  return (connection, socket) => {
    if (waiting.push([connection, socket]) > 1) return;
    setImmediate(() => {
      const all = waiting;
      waiting = [];
      for (const [one, to] of all) tellRefused(one, to);
    });
  };
}

function tellRefused(connection: Connection, socket: Socket): void {
  const { refused } = connection;
  connection.refused = undefined;
  if (refused !== undefined && socket.writable) socket.write(answer(refused));
}

let last: { readonly fault: Fault; readonly text: string } | undefined;

/** The bytes of a refusal: many in a row are the same. */
function answer(fault: Fault): string {
  if (last?.fault !== fault) last = { fault, text: answerOf(fault) };
  return last.text;
}

function answerOf({ status, error, retryAfter }: Fault): string {
  const body = JSON.stringify({ error });
  return `HTTP/1.1 ${status} Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nRetry-After: ${retryAfter ?? 1}\r\nConnection: keep-alive\r\n\r\n${body}`;
}
