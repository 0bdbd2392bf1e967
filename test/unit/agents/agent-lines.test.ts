import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { agentLines } from '../../../backend/src/agents/lines.ts';

async function lines(chunks: readonly (string | Buffer)[], maxBytes?: number): Promise<string[]> {
  const read: string[] = [];
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  for await (const line of agentLines(stream, maxBytes)) read.push(line);
  return read;
}

describe('the lines that an agent writes', () => {
  it('are put together from parts that are cut anywhere', async () => {
    const bytes = Buffer.from('eins\nzwölf\n\ndrei');
    assert.deepEqual(await lines([...bytes].map((byte) => Buffer.of(byte))), ['eins', 'zwölf', '', 'drei']);
    assert.deepEqual(await lines([bytes]), ['eins', 'zwölf', '', 'drei']);
  });

  it('are of any length up to the limit, and no longer', async () => {
    assert.equal((await lines(['x'.repeat(600), 'x'.repeat(400), '\n'], 1000))[0]?.length, 1000);
    await assert.rejects(lines(['x'.repeat(600), 'x'.repeat(401), '\n'], 1000), { code: 'agent-failed' });
    await assert.rejects(lines(['x'.repeat(1001), '\n'], 1000), { code: 'agent-failed' });
  });
});
