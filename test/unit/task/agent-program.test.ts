import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAgentProgram } from '../../../src/core/task/agent-program.ts';

describe("an agent's program", () => {
  let folder: string;
  const put = (path: string, mode: number): string => {
    writeFileSync(join(folder, path), '', { mode });
    return join(folder, path);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offload-program-'));
    for (const name of ['a', 'b', 'c', 'a/claude']) mkdirSync(join(folder, name));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is the first one on PATH that can be run', async () => {
    put('b/claude', 0o644);
    const claude = put('c/claude', 0o755);
    const opencode = put('c/opencode', 0o755);
    const env = { PATH: ['relative', '', 'a', 'b', 'c'].map((name) => name && join(folder, name)).join(':') };
    assert.equal(await findAgentProgram('claude-code', env), claude);
    assert.equal(await findAgentProgram('opencode', env), opencode);
    for (const agent of ['other', 'constructor']) assert.equal(await findAgentProgram(agent, env), undefined);
    assert.equal(await findAgentProgram('claude-code', {}), undefined);
  });

  it('is the chosen one, or none', async () => {
    const chosen = put('c/mine', 0o755);
    assert.equal(await findAgentProgram('other', {}, chosen), chosen);
    for (const wrong of [put('c/text', 0o644), join(folder, 'a'), join(folder, 'none'), 'mine']) {
      await assert.rejects(findAgentProgram('claude-code', {}, wrong), { code: 'no-agent' });
    }
  });
});
