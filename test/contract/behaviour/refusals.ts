import assert from 'node:assert/strict';
import type { RunRequest } from '../../../src/protocol/request.ts';
import { run, request, submit, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';

export function describeRefusals(target: () => Target): void {
  describe('what is refused', () => {
    const refusal = async (change: Partial<RunRequest> & Record<string, unknown>): Promise<string> => {
      const whole = { ...request(target(), 'python', 'print(1)'), ...change };
      try {
        const outcome = await submit(target(), whole);
        return outcome.end.type === 'failed' ? outcome.end.error.code : outcome.end.type;
      } catch (error) {
        return error instanceof Error && 'code' in error ? String(error.code) : String(error);
      }
    };
    const file = (path: string) => ({ path, mode: 0o644, content: { text: '' } });

    it('a language that nobody knows, and those that there are are named', async () => {
      const unknown = { ...request(target(), 'python', 'x'), language: 'brainfuck' };
      await assert.rejects(submit(target(), unknown), {
        code: 'unknown-language',
        message: /"brainfuck"/,
        fix: /python, javascript, typescript, bash/,
      });
    });

    for (const [name, change] of [
      ['an entry outside the workspace', { entry: '../main.py' }],
      ['an absolute entry', { entry: '/tmp/main.py' }],
      ['a file outside the workspace', { files: [file('a/../../b')] }],
      ['a file with NUL in its name', { files: [file('a\0b')] }],
      ['two files of one name', { files: [file('a'), file('a')] }],
      ['a file where another needs a folder', { files: [file('a'), file('a/b')] }],
      ['a folder where another is a file', { files: [file('a/b'), file('a')] }],
      ['an argument with NUL in it', { args: ['a\0b'] }],
      ['a variable with NUL in its value', { env: { A: 'x\0--bind\0/\0/host' } }],
      ['a variable whose name is none', { env: { 'A=B': 'x' } }],
      ['a limit of nothing', { limits: { wallSeconds: 0 } }],
      ['a limit that is no whole number', { limits: { wallSeconds: 1.5 } }],
      ['more than any limit may be', { limits: { memoryBytes: Number.MAX_SAFE_INTEGER } }],
      ['a field that nobody knows', { privileged: true }],
      ['an id of another kind', { runId: '../../etc' }],
      ['no entry', { code: undefined, files: [] }],
    ] as const) {
      it(name, async () => {
        assert.equal(await refusal(change as unknown as Partial<RunRequest>), 'bad-request');
      });
    }

    it('a name that is too long for the file system', async () => {
      assert.equal(await refusal({ files: [file('x'.repeat(300))] }), 'bad-request');
      assert.equal(await refusal({ files: [file(`${'y/'.repeat(2000)}x`)] }), 'bad-request');
    });

    it('more arguments or variables than a program can be started with', async () => {
      assert.equal(await refusal({ args: ['x'.repeat(200_000)] }), 'too-large');
      assert.equal(
        await refusal({ args: Array.from({ length: 20 }, () => 'x'.repeat(100_000)) }),
        'too-large',
      );
      assert.equal(await refusal({ env: { LONG: 'x'.repeat(200_000) } }), 'too-large');
    });

    it('code of fifty megabytes', async () => {
      assert.equal(await refusal({ code: '#'.repeat(50 * 1024 * 1024) }), 'too-large');
    });

    it('a protocol from the future', async () => {
      assert.equal(await refusal({ version: 99 }), 'unsupported-version');
    });

    it('a network that the target does not have', async () => {
      const { network: offered, networkAllow } = target().capabilities;
      for (const network of ['closed', 'open'] as const) {
        if (offered.includes(network)) continue;
        assert.equal(await refusal({ network }), 'not-supported');
      }
      // No host is no network, and asks for no list.
      if (!offered.includes('closed'))
        assert.equal(await refusal({ network: { allow: [] } }), 'not-supported');
      if (networkAllow !== true)
        assert.equal(await refusal({ network: { allow: ['example.org'] } }), 'not-supported');
    });

    it('a network that is none', async () => {
      for (const network of [
        'half',
        { allow: ['https://example.org'] },
        { allow: ['example.org'], deny: [] },
      ])
        assert.equal(await refusal({ network } as Record<string, unknown>), 'bad-request');
    });

    it('a longer run than the target has', async () => {
      const longest = target().capabilities.maxWallSeconds;
      if (longest === undefined) return;
      assert.equal(await refusal({ limits: { wallSeconds: longest + 1 } }), 'not-supported');
    });

    it('a request that is too large, and the next one goes through', async () => {
      const { maxRequestBytes } = target().capabilities;
      const content = { base64: 'A'.repeat(maxRequestBytes) };
      assert.equal(await refusal({ stdin: content }), 'too-large');
      succeeded(await run(target(), 'bash', 'true'));
    });
  });
}
