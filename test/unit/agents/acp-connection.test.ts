import assert from 'node:assert/strict';
import { PassThrough, Readable, Writable } from 'node:stream';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { connect, type ConnectionListener } from '../../../backend/src/agents/acp/connection.ts';
import { ReportQueue } from '../../../backend/src/agents/report-queue.ts';

const message = (of: object): string => `${JSON.stringify({ jsonrpc: '2.0', ...of })}\n`;

/** Many turns of the event loop, in which everything is done that can be done. */
async function everythingDone(): Promise<void> {
  for (let turn = 0; turn < 300; turn++) await turnOfTheLoop();
}

/** An agent's output without end, of which it is known how much was read. */
function endless(line: (number: number) => string) {
  const read = { lines: 0 };
  const lines = function* () {
    for (;;) yield Buffer.from(line(read.lines++));
  };
  return { read, stdout: Readable.from(lines(), { highWaterMark: 1 }) };
}

const listener = (own: Partial<ConnectionListener> = {}): ConnectionListener => ({
  room: () => Promise.resolve(),
  onUpdate: () => undefined,
  onPermission: () => undefined,
  onEnd: () => undefined,
  ...own,
});

describe('the connection to an agent of the Agent Client Protocol', () => {
  it('answers so many requests at a time, and reads no more of an agent that reads no answers', async () => {
    const { read, stdout } = endless((number) => message({ id: number, method: 'fs/read_text_file' }));
    const stdin = new Writable({ write: () => undefined });
    await connect({ stdin, stdout }, listener());
    await everythingDone();
    assert(read.lines > 0);
    assert(read.lines < 100, `${String(read.lines)} requests were taken`);
    stdout.destroy();
  });

  it('reads no more than there is room for', async () => {
    const { read, stdout } = endless(() => message({ method: 'session/update', params: {} }));
    const reports = new ReportQueue();
    const onUpdate = () => {
      reports.push({ type: 'conversation', id: 'x' });
    };
    await connect({ stdin: new PassThrough(), stdout }, listener({ onUpdate, room: () => reports.room() }));
    await everythingDone();
    assert(read.lines < 100, `${String(read.lines)} updates were taken`);
    const before = read.lines;
    const reader = reports[Symbol.asyncIterator]();
    for (let taken = 0; taken < 50; taken++) await reader.next();
    await everythingDone();
    assert(read.lines >= before + 40);
    reports.close();
    stdout.destroy();
  });

  it('tells of the end when the last answer has been given, though both came at once', async () => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const heard: string[] = [];
    const ended = new Promise<void>((resolve) => {
      const onEnd = (): void => {
        heard.push('the end');
        resolve();
      };
      void connect({ stdin, stdout }, listener({ onEnd })).then(async (agent) => {
        const answer = agent.request('session/prompt', { sessionId: 's', prompt: [] });
        stdin.once('data', (line: Buffer) => {
          const { id } = JSON.parse(line.toString()) as { id: number };
          stdout.end(message({ id, result: { stopReason: 'end_turn' } }).trimEnd());
        });
        heard.push((await answer).stopReason);
      });
    });
    await ended;
    assert.deepEqual(heard, ['end_turn', 'the end']);
  });

  it('gives what has no answer at the end an error, after the end', async () => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const heard: string[] = [];
    const agent = await connect({ stdin, stdout }, listener({ onEnd: () => void heard.push('the end') }));
    const answer = agent.request('session/new', { cwd: '/', mcpServers: [] });
    stdout.end();
    await assert.rejects(answer);
    assert.deepEqual(heard, ['the end']);
  });
});
