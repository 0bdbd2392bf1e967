import assert from 'node:assert/strict';
import { code } from '../../support/target/code.ts';

/** Addresses of others: a cloud's metadata service, public ones, a private one. */
const BEYOND = ['169.254.169.254', 'fd00:ec2::254', '1.1.1.1', '10.0.0.1', '2606:4700:4700::1111'];

/**
 * Asserts that a program's own sockets lead nowhere: a name, streams, a datagram, raw packets.
 * @param attempt runs a Python program and gives the lines that it printed
 * @param name is looked up
 * @param hosts are tried besides those that are beyond any box
 */
export async function assertNoSocketLeadsOut(
  attempt: (text: string) => Promise<string[]>,
  name: string,
  hosts: readonly string[] = [],
): Promise<void> {
  const tried = [...hosts, ...BEYOND];
  const [interfaces, ...attempts] = await attempt(code`
    import socket
    print(socket.if_nameindex())
    def attempt(call):
        try:
            call()
            print('reached')
        except OSError as error:
            print(type(error).__name__)
    attempt(lambda: socket.getaddrinfo('${name}', 80))
    for host in ${JSON.stringify(tried)}:
        attempt(lambda: socket.create_connection((host, 80), 2))
    attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('1.1.1.1', 53)))
    attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
  `);
  assert.equal(interfaces, "[(1, 'lo')]");
  assert.deepEqual(attempts, ['gaierror', ...tried.map(() => 'OSError'), 'OSError', 'PermissionError']);
}
