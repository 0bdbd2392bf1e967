import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { close, listen } from '../../../src/core/lambda-local/http.ts';
import { findProgram } from '../../../backend/src/isolation/find-program.ts';

/** A server that speaks AWS's protocols and is not ours, with a bucket: moto, of Debian or of pip. */
export interface ForeignS3 {
  endpoint: string;
  region: string;
  bucket: string;
  owner: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  dispose(): Promise<void>;
}

/** In the Debian of its own that the test command has made, as a user without rights, else on PATH. */
function commandOfMoto(): [program: string, ...args: string[]] | undefined {
  const root = process.env['OFFLOAD_TEST_MOTO'];
  if (root !== undefined) return ['chroot', '--userspec=nobody:nogroup', root, '/usr/bin/moto_server'];
  const program = findProgram('moto_server');
  return program === undefined ? undefined : [program];
}

/** Starts it on a port of the loopback interface; a reason where this machine does not have it. */
export async function startMoto(): Promise<ForeignS3 | { missing: string }> {
  const server = commandOfMoto();
  if (server === undefined) {
    const missing = process.env['OFFLOAD_TEST_NO_MOTO'];
    return { missing: missing ?? 'moto is not installed: npm test does so where it can, or pip' };
  }
  const [program, ...args] = server;
  const { server: held, address } = await listen();
  const [host = '', port = ''] = address.split(':');
  await close(held);
  const child = spawn(program, [...args, '-H', host, '-p', port], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'] },
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const dispose = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const s3 = {
    endpoint: `http://${address}`,
    region: 'us-east-1',
    bucket: 'offload-bucket',
    // The account that moto gives everything to.
    owner: '123456789012',
    credentials: { accessKeyId: 'AKIDMADEUPEXAMPLE', secretAccessKey: 'made-up-secret-example' },
  };
  const { endpoint, region, credentials } = s3;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  try {
    for (let tries = 0; ; tries++) {
      try {
        await client.send(new CreateBucketCommand({ Bucket: s3.bucket }));
        return { ...s3, dispose };
      } catch (error) {
        if (tries > 100 || child.exitCode !== null) {
          await dispose();
          return { missing: `moto_server does not start: ${String(error)}` };
        }
        await sleep(200);
      }
    }
  } finally {
    client.destroy();
  }
}
