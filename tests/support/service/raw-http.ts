import { connect } from 'node:net';

/**
 * Writes bytes to the server, and resolves to its whole answer once it ends the connection. With `end`, the
 * writing side is closed at once, as by a caller that goes away.
 */
export function sendRaw(origin: string, bytes: string | Buffer, { end = false } = {}): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(origin);
    const answer: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) }, () =>
      end ? socket.end(bytes) : socket.write(bytes),
    );
    socket.on('data', (piece) => answer.push(piece));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(answer).toString()));
  });
}
