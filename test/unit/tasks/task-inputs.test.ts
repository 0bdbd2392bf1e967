import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stageLeft } from '../../../backend/src/checkpoint/checkpoint-state.ts';
import { Journal } from '../../../backend/src/journal/journal.ts';
import { RunLife } from '../../../backend/src/runs/run-life.ts';
import { AgentTurns } from '../../../backend/src/tasks/agent-turns.ts';
import { TaskInputs } from '../../../backend/src/tasks/task-inputs.ts';
import type { TaskInput } from '../../../src/protocol/task.ts';
import { ByHand } from './agent-by-hand.ts';

const message = (id: string): TaskInput => ({ type: 'message', id, text: id, when: 'now' });
const answer: TaskInput = { type: 'answer', id: 'nobody-asked', chosen: ['Yes'] };
const ignored = (): void => undefined;

describe('what a task is told', () => {
  let folder: string;
  let life: RunLife;
  let inputs: TaskInputs;
  let agent: ByHand;
  let turns: AgentTurns;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offload-inputs-'));
    life = new RunLife('r_1', new Journal(join(folder, 'journal')));
    inputs = new TaskInputs(life);
    agent = new ByHand();
    turns = new AgentTurns(agent, { onItem: ignored, onConversation: ignored, onNotice: ignored });
  });
  afterEach(() => {
    life.journal.abandon();
    rmSync(folder, { recursive: true });
  });

  it('before it has an agent is told to that', () => {
    inputs.take(message('a'));
    inputs.begin(turns);
    assert.deepEqual([agent.sent, inputs.early], [['a'], []]);
  });

  it('while an agent starts that is to go on elsewhere is kept for that one', () => {
    inputs.take(message('a'));
    life.pause();
    turns.stop();
    inputs.begin(turns);
    inputs.end();
    inputs.take(message('b'));
    assert.deepEqual(inputs.early, [message('a'), message('b')]);
    assert.deepEqual(agent.sent, []);
  });

  it('and nobody waits for does not stand in the way of what follows, and is said', () => {
    inputs.take(answer);
    inputs.take(message('a'));
    inputs.begin(turns);
    assert.deepEqual(agent.sent, ['a']);
    assert.match(
      readFileSync(life.journal.path, 'utf8'),
      /"notice","code":"input".*waits for no such answer/,
    );
  });

  it('elsewhere, and waits for its turn, waits on where no agent could be had', () => {
    inputs.resume({ early: [message('a')], next: ['later'] });
    inputs.end();
    assert.deepEqual([inputs.waiting, inputs.early], [['later'], [message('a')]]);
  });

  it('elsewhere, and waits for its turn, has it here', () => {
    inputs.resume({ early: [], next: ['later'] });
    inputs.begin(turns);
    assert.deepEqual(turns.waiting, ['later']);
  });

  it('when it goes on without its agent is refused', () => {
    inputs.resume({ early: [], next: [] });
    inputs.end();
    assert.throws(
      () => {
        inputs.take(message('a'));
      },
      { code: 'run-ended' },
    );
  });

  it('and nobody has given to its agent has it work again', () => {
    const left = { stage: 'check', next: [], early: [] } as const;
    assert.equal(stageLeft({ ...left, next: [], early: [] }), 'check');
    assert.equal(stageLeft({ ...left, next: ['later'], early: [] }), 'agent');
    assert.equal(stageLeft({ ...left, next: [], early: [message('a')] }), 'agent');
    assert.equal(stageLeft({ ...left, next: [], early: [answer] }), 'check');
  });
});
