import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Connections of a server on which nothing has come yet. */
export interface SilentConnections {
  close(): void;
}

/** Browsers and balancers open connections ahead. To Node one without a request is not idle, so it would be waited for. */
export function watchSilent(server: Server): SilentConnections {
  const all = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    all.add(socket);
    socket.once('close', () => all.delete(socket));
  });
  return {
    close: () => {
      for (const socket of all) if (socket.bytesRead === 0) socket.destroy();
    },
  };
}
