import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { code } from '../../support/target/code.ts';
import { run, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';
import { assertNoSocketLeadsOut } from './sockets.ts';

/** What a program whose network is closed reaches. */
export const networkEscapes = (target: () => Target): void => {
  const attempt = async (text: string, args: string[] = []): Promise<string[]> => {
    const { stdout } = succeeded(await run(target(), 'python', text, { args }));
    return stdout.trim().split('\n');
  };
  /** Listens, makes sure that the host reaches it, runs, and asserts that the program did not. */
  const unreached = async (
    address: { port: number; host: string } | { path: string },
    attack: (listening: Server) => Promise<void>,
  ): Promise<void> => {
    let met = 0;
    const server = createServer((socket) => {
      met++;
      socket.destroy();
    });
    server.listen(address);
    await once(server, 'listening');
    try {
      const own = connect('path' in address ? address : { port: (server.address() as AddressInfo).port });
      await once(own, 'close');
      assert.equal(met, 1);
      await attack(server);
      assert.equal(met, 1);
    } finally {
      server.close();
    }
  };

  it("of the host is out of reach: a service on the host's loopback", async () => {
    await unreached({ port: 0, host: '127.0.0.1' }, async (server) => {
      const text = code`
        import socket, sys
        for host in '127.0.0.1', 'localhost', '0.0.0.0', sys.argv[2]:
            try:
                socket.create_connection((host, int(sys.argv[1])), 2)
                print('connected')
            except OSError as error:
                print(error.strerror)
      `;
      const port = String((server.address() as AddressInfo).port);
      assert.doesNotMatch((await attempt(text, [port, 'offload'])).join(), /connected/);
    });
  });

  it('of the host is out of reach: an abstract unix socket', async () => {
    const name = `offload-${randomBytes(8).toString('hex')}`;
    await unreached({ path: `\0${name}` }, async () => {
      const text = code`
        import socket, sys
        try:
            socket.socket(socket.AF_UNIX).connect('\0' + sys.argv[1])
            print('connected')
        except OSError as error:
            print(error.strerror)
      `;
      assert.deepEqual(await attempt(text, [name]), ['Connection refused']);
    });
  });

  it('of the host is out of reach: a datagram', async () => {
    const socket = createSocket('udp4');
    const received: string[] = [];
    socket.on('message', (message) => received.push(message.toString()));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    try {
      const { port } = socket.address();
      const text = code`
        import socket, sys
        try:
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'from inside', ('127.0.0.1', int(sys.argv[1])))
        except OSError:
            pass
        print('sent')
      `;
      assert.deepEqual(await attempt(text, [String(port)]), ['sent']);
      const own = createSocket('udp4');
      own.send('from outside', port, '127.0.0.1');
      await once(socket, 'message');
      own.close();
      assert.deepEqual(received, ['from outside']);
    } finally {
      socket.close();
    }
  });

  it('beyond is out of reach: names, addresses, the metadata service, another route', async () => {
    await assertNoSocketLeadsOut(attempt, 'example.com');
  });

  it('has no families but those that its own namespace holds', async () => {
    const text = code`
      import socket
      for family in range(46):
          try:
              socket.socket(family, socket.SOCK_DGRAM).close()
              print(family)
          except PermissionError:
              pass
          except OSError as error:
              print(family, error.strerror)
    `;
    assert.deepEqual(await attempt(text), ['1', '2', '10', '16']);
  });

  it('inside the box works', async () => {
    const text = code`
      import socket, threading
      listener = socket.create_server(('127.0.0.1', 0))
      threading.Thread(target=lambda: listener.accept()[0].sendall(b'hello')).start()
      print(socket.create_connection(listener.getsockname()).recv(9).decode())
    `;
    assert.deepEqual(await attempt(text), ['hello']);
  });
};
