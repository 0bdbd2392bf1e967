import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerSandbox } from '../../../src/core/container/container-sandbox.ts';

describe('the folder of the server that makes containers', () => {
  it("is in one that is this user's own, too", async () => {
    const base = mkdtempSync(join(tmpdir(), 'cf-'));
    const runtime = join(base, 'link');
    mkdirSync(join(base, 'another'));
    symlinkSync(join(base, 'another'), runtime);
    const engine = { kind: 'podman' as const, command: ['/nowhere/podman'], version: '5', rootless: true };
    const sandbox = containerSandbox({
      ...{ backendFolder: '/nowhere', folders: { runtime, state: join(base, 's') }, engine },
      image: '9'.repeat(64),
    });
    try {
      await assert.rejects(sandbox.runs(), { code: 'no-backend', message: /another user, or is no folder/ });
    } finally {
      sandbox.dispose();
      rmSync(base, { recursive: true });
    }
  });
});
