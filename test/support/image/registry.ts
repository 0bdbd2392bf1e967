import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { close, listen } from '../../../src/core/lambda-local/http.ts';

/** A registry of images on the loopback interface, empty at first. */
export interface Registry {
  /** Host and port. */
  address: string;
  /** Ends it, and removes what was pushed. */
  dispose(): Promise<void>;
}

/** Starts Debian's docker-registry, and resolves when it answers. */
export async function startRegistry(): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'));
  const { server, address } = await listen();
  await close(server);
  const config = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'store') } },
    http: { addr: address },
  };
  // YAML has JSON in it.
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '' },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
  const end = new Promise<'ended'>((resolve) => {
    child.once('error', (error) => {
      said += error.message;
      resolve('ended');
    });
    child.once('exit', () => resolve('ended'));
  });
  const dispose = async (): Promise<void> => {
    child.kill('SIGKILL');
    await end;
    rmSync(folder, { recursive: true, force: true });
  };
  for (;;) {
    const answers = await fetch(`http://${address}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return { address, dispose };
    if ((await Promise.race([end, sleep(50)])) === 'ended') {
      await dispose();
      throw new Error(`docker-registry has ended: ${said}`);
    }
  }
}
