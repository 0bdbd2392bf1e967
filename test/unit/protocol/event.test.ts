import assert from 'node:assert/strict';
import { parseEvent, parseReply } from '../../../src/protocol/decode.ts';
import { asOffloadError, ERROR_KINDS, fromWire, OffloadError } from '../../../src/protocol/error.ts';
import { isTerminal } from '../../../src/protocol/event.ts';
import { runReplySchema } from '../../../src/protocol/reply.ts';

const numbered = { seq: 1, time: 1 };
const usage = { wallMs: 1, outputBytes: 2 };
const change = { ...numbered, type: 'change', path: 'a/b', operation: 'create', mode: 420, size: 1 };

describe('an event', () => {
  for (const event of [
    { ...numbered, type: 'phase', phase: 'queued', runId: 'r' },
    { ...numbered, type: 'output', stream: 'stdout', text: 'x' },
    { ...numbered, type: 'output', stream: 'stderr', base64: 'AA==' },
    { ...change, hash: '0'.repeat(64) },
    { ...change, operation: 'delete', mode: 0, size: 0 },
    { ...numbered, type: 'notice', code: 'left-out', message: 'x' },
    { ...numbered, type: 'completed', exitCode: 0, usage },
    { ...numbered, type: 'completed', signal: 'SIGKILL', usage },
    { ...numbered, type: 'failed', error: { code: 'timeout', message: 'x', fix: 'y' }, usage },
    { ...numbered, type: 'cancelled', usage },
  ]) {
    it(`of kind ${event.type} is read as it is`, () => {
      assert.deepEqual(parseEvent(event), event);
      assert.equal(isTerminal(event), ['completed', 'failed', 'cancelled'].includes(event.type));
    });
  }

  it('of a kind that nobody knows yet is kept as it came', () => {
    const frame = { ...numbered, type: 'display', data: { 'text/html': '<b>' } };
    assert.deepEqual(parseEvent(frame), { ...numbered, type: 'unknown', frame });
  });

  it('of a known kind may have more fields than are known', () => {
    assert.partialDeepStrictEqual(parseEvent({ ...numbered, type: 'phase', phase: 'running', more: 1 }), {
      phase: 'running',
    });
  });

  it('with an error of a code that nobody knows is kept', () => {
    const failed = { ...numbered, type: 'failed', error: { code: 'brand-new', message: 'x' }, usage };
    assert.deepEqual(parseEvent(failed), failed);
  });

  for (const [name, frame] of Object.entries({
    'without a number': { time: 1, type: 'phase', phase: 'queued' },
    'with the number 0': { seq: 0, time: 1, type: 'phase', phase: 'queued' },
    'with a broken number': { seq: 1.5, time: 1, type: 'phase', phase: 'queued' },
    'without a kind': { ...numbered },
    'with an unknown phase': { ...numbered, type: 'phase', phase: 'sleeping' },
    'whose change leaves the workspace': { ...change, path: '../../etc/passwd' },
    'whose change is absolute': { ...change, path: '/etc/passwd' },
    'whose hash leads elsewhere': { ...change, hash: '../../../etc/passwd' },
    'with an unknown operation': { ...change, operation: 'link' },
    'without usage at the end': { ...numbered, type: 'completed', exitCode: 0 },
  })) {
    it(`${name} is refused`, () => {
      assert.throws(() => parseEvent(frame), { code: 'bad-frame' });
    });
  }

  it('that is another reply than was asked for is refused', () => {
    assert.throws(() => parseReply(runReplySchema, { type: 'done' }), { code: 'bad-frame' });
  });
});

describe('an error', () => {
  it('is the same after a way over the wire', () => {
    for (const code of Object.keys(ERROR_KINDS) as (keyof typeof ERROR_KINDS)[]) {
      const error = new OffloadError(code, 'what and why', { fix: 'what to do' });
      assert.deepEqual(error.toWire(), { code, message: 'what and why', fix: 'what to do' });
      assert.deepEqual(fromWire(error.toWire()).toWire(), error.toWire());
    }
    assert.deepEqual(new OffloadError('timeout', 'x').toWire(), { code: 'timeout', message: 'x' });
  });

  it('with a code that nobody knows, or the name of something else, is internal and names it', () => {
    for (const code of ['brand-new', 'constructor', '__proto__', 'toString']) {
      const { message, ...rest } = fromWire({ code, message: 'x' }).toWire();
      assert.deepEqual(rest, { code: 'internal' });
      assert.match(message, new RegExp(code));
    }
  });

  it('is made of whatever was thrown', () => {
    const own = new OffloadError('busy', 'x');
    assert.equal(asOffloadError(own), own);
    const thrown = new TypeError('not a function');
    assert.partialDeepStrictEqual(asOffloadError(thrown).toWire(), {
      code: 'internal',
      message: 'not a function',
    });
    assert.equal(asOffloadError(thrown).cause, thrown);
    assert.equal(asOffloadError('text').message, 'text');
  });
});
