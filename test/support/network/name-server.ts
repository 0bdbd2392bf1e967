import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A name server that knows an address for every name. Whoever starts it closes it. */
export async function nameServer(port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (question, { port: from, address }) => {
    const asked = question.subarray(12, question.indexOf(0, 12) + 5);
    const answer = Buffer.concat([
      question.subarray(0, 2),
      // An answer without an error: one question, one record.
      Buffer.from('81800001000100000000', 'hex'),
      asked,
      // Of the name that was asked for, type A, for a second: an address for documentation (RFC 5737).
      Buffer.from('c00c00010001000000010004c6336401', 'hex'),
    ]);
    socket.send(answer, from, address);
  });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}
