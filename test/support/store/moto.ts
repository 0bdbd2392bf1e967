import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { close, listen } from '../../../src/core/lambda-local/http.ts';
import { findProgram } from '../../../backend/src/isolation/find-program.ts';

/** A bucket of a server that speaks S3 and is not ours: moto, of Debian trixie's python3-moto or of pip. */
export interface ForeignS3 {
  endpoint: string;
  region: string;
  bucket: string;
  owner: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  dispose(): Promise<void>;
}

/** Starts it on a port of the loopback interface; a reason where this machine does not have it. */
export async function startMoto(): Promise<ForeignS3 | { missing: string }> {
  const program = findProgram('moto_server');
  if (program === undefined)
    return { missing: 'moto_server is not on PATH (pip install "moto[s3,server]", at least 5.1)' };
  const { server, address } = await listen();
  const [host = '', port = ''] = address.split(':');
  await close(server);
  const child = spawn(program, ['-H', host, '-p', port], {
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
