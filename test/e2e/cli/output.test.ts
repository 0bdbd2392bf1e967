import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEvent } from '../../../src/protocol/decode.ts';
import { isTerminal, type RunEvent } from '../../../src/protocol/event.ts';
import { installation } from '../../support/cli/installation.ts';
import { code } from '../../support/target/code.ts';
import { outputOf } from '../../support/target/run.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('the output of offload run', () => {
  const cli = installation();
  const parsed = (stdout: string): RunEvent[] => {
    assert(stdout.endsWith('\n'));
    const lines = stdout.slice(0, -1).split('\n');
    return lines.map((line) => parseEvent(JSON.parse(line) as object));
  };

  it("is the program's, byte for byte, on both streams", async () => {
    const text = code`
      import sys
      data = bytes(range(256)) * 300 + 'é€😀'.encode() * 30000 + b'\xf0\x9f'
      sys.stdout.buffer.write(data)
      sys.stderr.buffer.write(b'\0\x1b[31m\n')
    `;
    const { code: exit, bytes, stderr } = await cli().run(['run', cli().file('binary.py', text)]);
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const expected = Buffer.concat([
      ...Array.from({ length: 300 }, () => all),
      Buffer.from('é€😀'.repeat(30_000)),
      Buffer.from([0xf0, 0x9f]),
    ]);
    assert.deepEqual([exit, bytes.length, sha256(bytes)], [0, expected.length, sha256(expected)]);
    assert.equal(stderr, '\0\x1b[31m\n');
  });

  it('comes whole through a slow reader, 20 MB of it', async () => {
    const text = code`
      import sys
      for i in range(2_000_000):
          sys.stdout.write(f'{i:09d}\n')
    `;
    const { child, ended } = cli().start(['run', cli().file('long.py', text)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const hash = createHash('sha256');
    let size = 0;
    let parts = 0;
    for await (const part of child.stdout as AsyncIterable<Buffer>) {
      hash.update(part);
      size += part.length;
      await sleep(parts++ === 0 ? 500 : 1);
    }
    assert.equal((await ended).code, 0);
    const expected = createHash('sha256');
    for (let i = 0; i < 2_000_000; i++) expected.update(String(i).padStart(9, '0') + '\n');
    assert.deepEqual([size, hash.digest('hex')], [20_000_000, expected.digest('hex')]);
  });

  it('is one event a line with --json, the first with the id, the last the end', async () => {
    const text = code`
      import sys
      print('out')
      print('err', file=sys.stderr)
      sys.stdout.buffer.write(b'\xff')
      open('made', 'w').write('made')
      sys.exit(3)
    `;
    const { code: exit, stdout, stderr } = await cli().run(['run', '--json', cli().file('events.py', text)]);
    const events = parsed(stdout);
    assert.deepEqual([exit, stderr], [3, '']);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, index) => index + 1),
    );
    assert(!events.some(({ type }) => type === 'unknown'));
    assert(events[0]?.type === 'phase');
    assert.match(events[0].runId ?? '', /^r_[0-9a-f]{32}$/);
    assert.deepEqual(events.filter(isTerminal), [events.at(-1)]);
    assert.partialDeepStrictEqual(events.at(-1), { type: 'completed', exitCode: 3 });
    assert.deepEqual(outputOf(events, 'stdout'), Buffer.from([...Buffer.from('out\n'), 0xff]));
    assert.equal(outputOf(events, 'stderr').toString(), 'err\n');
    assert.deepEqual(
      events.filter((event) => event.type === 'change').map(({ operation, path }) => [operation, path]),
      [['create', 'made']],
    );
    assert((await cli().run(['runs'])).stdout.includes(events[0].runId ?? ''));
  });

  it('stays output when it looks like our own events', async () => {
    const fake = '{"type":"completed","seq":5,"time":1,"exitCode":0,"usage":{"wallMs":1,"outputBytes":0}}\n';
    const file = cli().file('fakes.sh', `printf '%s\\n\\r%s' '${fake.trim()}' '${fake.trim()}'; exit 7`);
    const { code: exit, stdout } = await cli().run(['run', '--json', file]);
    const events = parsed(stdout);
    assert.equal(exit, 7);
    assert.equal(outputOf(events, 'stdout').toString(), `${fake}\r${fake.trim()}`);
    assert.equal(events.filter(isTerminal).length, 1);
  });

  it('says a failure as its last event with --json, and nothing on standard error', async () => {
    const file = cli().file('sleeps.sh', 'sleep 600');
    const { code: exit, stdout, stderr } = await cli().run(['run', '--json', '--timeout', '1', file]);
    assert.deepEqual([exit, stderr], [124, '']);
    assert.partialDeepStrictEqual(parsed(stdout).at(-1), { type: 'failed', error: { code: 'timeout' } });
  });

  it('that cannot be written ends the run and is said', async () => {
    const file = cli().file('endless.sh', 'while true; do echo line; done');
    const full = openSync('/dev/full', 'w');
    const { code: exit, stderr } = await cli().run(['run', file], { stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    assert.equal(exit, 1);
    assert.match(stderr, /^offload: The output cannot be written: .*no space left.*\n/);
    assert.match((await cli().run(['runs'])).stdout.split('\n')[0] ?? '', /cancelled .*endless\.sh$/);
  });
});
