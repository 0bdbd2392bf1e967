import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { findProgram } from '../../../backend/src/isolation/find-program.ts';
import { close, listen } from '../../../src/core/lambda-local/http.ts';
import { WAIT_LIMIT } from '../limits.ts';
import { skip } from '../reporting/skip.ts';

/** It looks whether an object may be written and writes it in two steps: AWS does what it is asked for at a time in one. */
const ONE_BY_ONE = `
from moto import server
serve = server.run_simple
server.run_simple = lambda *args, **options: serve(*args, **{**options, 'threaded': False})
server.main()
`;

/** What starts moto's server, and whether the test command has installed it. */
interface Found {
  command: readonly [program: string, ...args: string[]];
  isOurs: boolean;
}

/** In the Debian of its own that the test command has made, as a user without rights, else on PATH. */
function findMoto(): Found | undefined {
  const root = process.env['OFFLOAD_TEST_MOTO'];
  if (root !== undefined)
    return {
      command: ['chroot', '--userspec=nobody:nogroup', root, '/usr/bin/python3', '-c', ONE_BY_ONE],
      isOurs: true,
    };
  const program = findProgram('moto_server');
  return program === undefined ? undefined : { command: [program], isOurs: false };
}

/** Characters of what it wrote that are kept, for when it does not start. */
const KEPT = 4000;

/** A server that speaks AWS's protocols and is not ours, with a bucket: moto, of Debian or of pip. */
export class Moto {
  readonly endpoint: string;
  readonly region = 'us-east-1';
  readonly bucket = 'offload-bucket';
  /** The account that it gives everything to. */
  readonly owner = '123456789012';
  readonly credentials = { accessKeyId: 'AKIDMADEUPEXAMPLE', secretAccessKey: 'made-up-secret-example' };
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #hasEnded = false;
  #failure = '';

  private constructor([program, ...args]: Found['command'], address: string) {
    this.endpoint = `http://${address}`;
    const [host = '', port = ''] = address.split(':');
    this.#child = spawn(program, [...args, '-H', host, '-p', port], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'] },
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      this.#failure = (this.#failure + piece).slice(-KEPT);
    });
    this.#exited = once(this.#child, 'close').catch((error: unknown) => {
      this.#failure += String(error);
    });
    void this.#exited.then(() => (this.#hasEnded = true));
  }

  /**
   * Starts it on a port of the loopback interface. Skips where this machine has none that starts.
   * @throws Error where the one that the test command has installed does not start
   */
  static async start(context: Mocha.Context): Promise<Moto> {
    const found = findMoto();
    if (found === undefined) {
      const missing = process.env['OFFLOAD_TEST_NO_MOTO'];
      skip(context, missing ?? 'moto is not installed: npm test does so where it can, or pip');
    }
    const { server: held, address } = await listen();
    await close(held);
    const moto = new Moto(found.command, address);
    const wrong = await moto.#ready();
    if (wrong === undefined) return moto;
    await moto.dispose();
    const message = `moto_server does not start: ${wrong}\n${moto.#failure}`;
    if (found.isOurs) throw new Error(message);
    skip(context, message);
  }

  async dispose(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Waits until it has a bucket; gives what is wrong where it does not come to that. */
  async #ready(): Promise<string | undefined> {
    const { endpoint, region, credentials } = this;
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
    const over = Date.now() + WAIT_LIMIT;
    try {
      for (;;) {
        try {
          await client.send(new CreateBucketCommand({ Bucket: this.bucket }));
          return undefined;
        } catch (error) {
          if (this.#hasEnded || Date.now() > over) return String(error);
          await sleep(200);
        }
      }
    } finally {
      client.destroy();
    }
  }
}
