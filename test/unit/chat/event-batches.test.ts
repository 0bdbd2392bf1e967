import assert from 'node:assert/strict';
import { EventBatches } from '../../../src/editor/chat/event-batches.ts';
import { OutputCut } from '../../../src/editor/chat/output-cut.ts';
import type { ToPage } from '../../../src/protocol/chat.ts';
import type { EventBody, RunEvent } from '../../../src/protocol/event.ts';
import { reduceRun } from '../../../webview/state/reduce-run.ts';
import { EMPTY_RUN } from '../../../webview/state/run-view.ts';
import { completed, say } from '../../support/chat/script.ts';

const RUN = `r_${'0'.repeat(32)}`;
const numbered = (bodies: EventBody[]): RunEvent[] =>
  bodies.map((body, at) => ({ ...body, seq: at + 1, time: at }));

/** The messages that become of events. */
async function batched(bodies: EventBody[]): Promise<Extract<ToPage, { type: 'events' }>[]> {
  const messages: Extract<ToPage, { type: 'events' }>[] = [];
  const batches = new EventBatches(RUN, 0, (message) => Promise.resolve(messages.push(message)));
  for (const event of numbered(bodies)) await batches.add(event);
  await batches.flush();
  return messages;
}

const line = (program: string, index: number): EventBody => ({
  type: 'output',
  stream: 'stdout',
  program,
  text: `${program} ${String(index).padStart(6, '0')} ${'x'.repeat(1000)}\n`,
});

describe('events on their way to the page', () => {
  it('go in few messages that join without a gap', async () => {
    const messages = await batched(Array.from({ length: 1234 }, (_, index) => say('1', String(index))));
    assert.ok(messages.length <= 4);
    let after = 0;
    for (const message of messages) {
      assert.equal(message.after, after);
      after = message.last;
    }
    assert.equal(after, 1234);
  });

  it('go in several where they are large', async () => {
    const messages = await batched(Array.from({ length: 20 }, () => say('1', 'x'.repeat(100_000))));
    assert.ok(messages.length >= 6);
  });
});

describe('a flood of output', () => {
  const flood = (end: EventBody): RunEvent[] =>
    numbered([
      ...Array.from({ length: 2000 }, (_, index) => line('a.py', index)),
      say('1', 'meanwhile'),
      end,
    ]);
  const shown = (events: RunEvent[]) => {
    const cut = new OutputCut();
    return events.flatMap((event) => cut.take(event));
  };

  for (const end of [
    { type: 'execution', path: 'a.py', language: 'python', exitCode: 0 },
    completed,
  ] as const) {
    it(`shows its beginning, and its end when the program has ended (${end.type})`, () => {
      const events = shown(flood(end));
      assert.ok(events.length < 200);
      const text = reduceRun(EMPTY_RUN, events, 2002).outputs.get('a.py')?.text ?? '';
      assert.match(text, /^a\.py 000000 /);
      assert.match(text, /a\.py 001999 x+\n$/);
      assert.match(text, /… [\d,]+ characters left out …/);
      assert.ok(text.length < 200_000);
    });
  }

  it('of one program leaves the others alone', () => {
    const events = numbered([
      ...Array.from({ length: 500 }, (_, index) => line('a.py', index)),
      line('b.py', 1),
    ]);
    const run = reduceRun(EMPTY_RUN, shown(events), 501);
    assert.match(run.outputs.get('b.py')?.text ?? '', /^b\.py 000001/);
  });

  it('that is none goes through as it is', () => {
    const events = numbered([
      line('check', 1),
      { type: 'check', command: 'x', passed: true, exitCode: 0 },
      completed,
    ]);
    assert.deepEqual(shown(events), events);
  });
});
