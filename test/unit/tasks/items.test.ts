import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Redactor } from '../../../backend/src/redaction/redactor.ts';
import { BoundedItems } from '../../../backend/src/tasks/bounded-items.ts';
import { GatheredItems } from '../../../backend/src/tasks/gathered-items.ts';
import { RedactedItems } from '../../../backend/src/tasks/redacted-items.ts';
import type { OffloadError } from '../../../src/protocol/error.ts';
import { TurnCount } from '../../../backend/src/agents/turn-count.ts';
import { agentItemSchema, type AgentItem } from '../../../src/protocol/agent-item.ts';

const text = (delta: string, id = 't'): AgentItem => ({ kind: 'text', id, delta });
const result = (id: string, content = ''): AgentItem => ({
  kind: 'tool-result',
  id,
  outcome: 'done',
  text: content,
});

describe('the items of an agent', () => {
  let told: [AgentItem, string | undefined][];
  const tell = (item: AgentItem, parent: string | undefined): void => {
    told.push([item, parent]);
  };
  const items = (): AgentItem[] => told.map(([item]) => item);
  beforeEach(() => (told = []));

  describe('that come fast', () => {
    it('are told at once at first, then joined, and never out of order', async () => {
      const gathered = new GatheredItems(tell);
      for (const part of ['a', 'b', 'c', 'd']) gathered.add(text(part), undefined);
      assert.deepEqual(items(), [text('a')]);
      gathered.add(text('x', 'other'), 'parent');
      assert.deepEqual(items(), [text('a'), text('bcd')]);
      gathered.add(result('1'), undefined);
      assert.deepEqual(told.slice(2), [
        [text('x', 'other'), 'parent'],
        [result('1'), undefined],
      ]);
      gathered.dispose();
      await delay(0);
    });

    it('are told soon, without anything after them', async () => {
      const gathered = new GatheredItems(tell);
      gathered.add(text('a'), undefined);
      gathered.add(text('b'), undefined);
      while (told.length < 2) await delay(5);
      gathered.add(text('c'), undefined);
      gathered.dispose();
      assert.equal(
        items()
          .map((item) => ('delta' in item ? item.delta : ''))
          .join(''),
        'abc',
      );
    });
  });

  describe('that hold a secret', () => {
    const secret = 'made-up-secret-0123456789';

    it('lose it, wherever its parts are cut and whatever comes between', () => {
      for (let cut = 1; cut < secret.length; cut++) {
        told = [];
        const redacted = new RedactedItems(new Redactor([secret]), tell);
        redacted.add(text(`before ${secret.slice(0, cut)}`), undefined);
        redacted.add({ kind: 'tool-input', id: 'u', delta: '{"a":' }, undefined);
        redacted.add(text(`${secret.slice(cut)} after`), undefined);
        redacted.end();
        const said = items()
          .map((item) => (item.kind === 'text' ? item.delta : ''))
          .join('');
        assert.equal(said, 'before [redacted] after');
        assert(!JSON.stringify(told).includes(secret));
      }
    });

    it('lose it in inputs and results too, in names and values', () => {
      const redacted = new RedactedItems(new Redactor([secret]), tell);
      const input = { [secret]: [`x${secret}y`, { deep: secret }] };
      redacted.add({ kind: 'tool-call', id: 'u', name: 'Bash', title: 'Run', input }, 'p');
      redacted.add(result('u', `said ${secret}`), 'p');
      assert.deepEqual(items()[0], {
        kind: 'tool-call',
        id: 'u',
        name: 'Bash',
        title: 'Run',
        input: { '[redacted]': ['x[redacted]y', { deep: '[redacted]' }] },
      });
      assert.deepEqual(told[1], [result('u', 'said [redacted]'), 'p']);
    });

    it('tell what was held back of a text before what ends it', () => {
      const redacted = new RedactedItems(new Redactor([secret]), tell);
      redacted.add({ kind: 'tool-input', id: 'u', delta: 'made-up' }, undefined);
      assert.deepEqual(items(), []);
      redacted.add(result('u'), undefined);
      assert.deepEqual(items(), [{ kind: 'tool-input', id: 'u', delta: 'made-up' }, result('u')]);
    });
  });

  describe('that flood', () => {
    const parts = (): number[] => items().map((item) => ('delta' in item ? item.delta.length : 0));

    it('are joined to no more than an event may hold', () => {
      const gathered = new GatheredItems(tell);
      for (let count = 0; count < 200; count++) gathered.add(text('x'.repeat(1024)), undefined);
      gathered.dispose();
      assert.deepEqual(parts(), [1024, 65_536, 65_536, 65_536, 7168]);
    });

    it('are told in parts, and cut where they have none', () => {
      const bounded = new BoundedItems(Infinity, tell, () => undefined);
      bounded.add(text('x'.repeat(150_000)), 'p');
      assert.deepEqual(parts(), [65_536, 65_536, 18_928]);
      assert(told.every(([, parent]) => parent === 'p'));
      const long = 'y'.repeat(100_000);
      const many = <Entry>(entry: Entry): Entry[] => Array.from({ length: 10_000 }, () => entry);
      const question = { kind: 'question', id: 'q', multiple: false, free: true } as const;
      const flood: AgentItem[] = [
        {
          kind: 'tool-call',
          id: 'c',
          name: 'x',
          title: long.repeat(9),
          input: { a: many(long.slice(0, 100)) },
        },
        { kind: 'tool-call', id: 'd', name: long.repeat(9), title: 't', input: {} },
        { kind: 'todos', items: many({ text: long.slice(0, 2000), state: 'done' as const }) },
        {
          ...question,
          text: long.repeat(9),
          options: many({ label: long.slice(0, 2000), description: 'd' }),
        },
        { kind: 'session', agent: long.repeat(9), model: long },
      ];
      told = [];
      for (const item of flood) bounded.add(item, undefined);
      assert.deepEqual(
        items().map(({ kind }) => kind),
        flood.map(({ kind }) => kind),
      );
      for (const item of items()) {
        agentItemSchema.parse(item);
        assert(JSON.stringify(item).length < 256 * 1024, item.kind);
      }
    });

    it('are told up to a limit, which is told of once', () => {
      const exceeded: OffloadError[] = [];
      const bounded = new BoundedItems(1000, tell, (error) => exceeded.push(error));
      for (let count = 0; count < 100; count++) bounded.add(text('x'.repeat(100)), undefined);
      assert.equal(told.length, 10);
      bounded.add(result('1'), undefined);
      assert.equal(told.length, 10);
      assert.deepEqual(
        exceeded.map(({ code }) => code),
        ['output-limit'],
      );
    });
  });

  it('are counted in turns: what is said between two things that the agent is told', () => {
    const count = new TurnCount();
    const heard: [AgentItem, string?][] = [
      [{ kind: 'message', id: 'prompt', text: 'x', when: 'now' }],
      [text('a')],
      [{ kind: 'tool', id: '1', name: 'Bash' }],
      [{ kind: 'tool', id: '2', name: 'Bash' }],
      [text('sub-agent'), '1'],
      [result('3'), '1'],
      [result('1')],
      [result('2')],
      [text('b')],
    ];
    for (const [item, parent] of heard) count.add(item, parent);
    assert.equal(count.turns, 2);
  });
});
