import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  askConsent,
  agreement,
  forgetAgreement,
  type Agreement,
  type Sending,
} from '../../../src/editor/task/consent.ts';
import type { Dialogs, Question } from '../../../src/editor/dialogs.ts';

/** A user who presses these buttons, one after the other, and ticks these files. */
function user(buttons: (string | undefined)[], ticked: string[] = []) {
  const asked: Question[] = [];
  const values = new Map<string, unknown>();
  const dialogs = {
    ask: (question: Question) => {
      asked.push(question);
      return Promise.resolve(buttons.shift());
    },
    pickSome: (items: { label: string }[]) =>
      Promise.resolve(items.filter(({ label }) => ticked.includes(label))),
  } as unknown as Dialogs;
  const memory = {
    get: (key: string) => values.get(key),
    update: (key: string, value: unknown) => Promise.resolve(void values.set(key, value)),
    keys: () => [...values.keys()],
  };
  return {
    asked,
    context: { dialogs, memory },
    press: (...more: (string | undefined)[]) => buttons.push(...more),
  };
}

const CHOOSE = 'Choose Files with Secrets…';
const secret = (path: string) => ({ path, what: 'a private key', hash: hashOf(path) });
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
/** The files with secrets that may be sent. */
const sentOf = (agreed: Agreement | undefined) => agreed?.sent.map(({ path }) => path);
const sending = (...paths: string[]): Sending => ({
  ...{
    files: 12,
    bytes: 3400,
    folders: ['work'],
    secrets: paths.map(secret),
    notScanned: 0,
    standing: undefined,
  },
});

describe('the consent to send a workspace', () => {
  it('is asked for once, with what would be sent', async () => {
    const { asked, context } = user(['Send']);
    assert.ok(await askConsent(context, sending()));
    assert.ok(await askConsent(context, sending()));
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.modal, true);
    assert.match(asked[0].message, /12 files \(3\.4 kB\)/);
    assert.match(asked[0].detail ?? '', /From work.*\n\nNothing in them looks like a secret/);
    assert.deepEqual(asked[0].buttons, ['Send']);
  });

  it('names where files leave this machine for, and is for that place alone', async () => {
    const { asked, context } = user(['Send', 'Send']);
    const [here, there] = [sending(), sending()];
    there.destination = {
      id: 'lambda/123456789012/eu-west-1/offload',
      name: 'AWS account 123456789012 in eu-west-1',
    };
    await askConsent(context, here);
    await askConsent(context, there);
    await askConsent(context, there);
    await askConsent(context, here);
    assert.deepEqual(
      asked.map(({ message }) => message),
      [
        'Send 12 files (3.4 kB) to the sandbox?',
        'Send 12 files (3.4 kB) to AWS account 123456789012 in eu-west-1?',
      ],
    );
    assert.match(asked[1]?.detail ?? '', /leave this computer/);
    await forgetAgreement(context.memory);
    assert.equal(agreement(context.memory, there.destination), undefined);
    assert.equal(agreement(context.memory), undefined);
  });

  it('is not remembered where it was not given', async () => {
    const { asked, context, press } = user([undefined]);
    assert.equal(await askConsent(context, sending()), undefined);
    assert.equal(agreement(context.memory), undefined);
    press('Send');
    assert.ok(await askConsent(context, sending()));
    assert.equal(asked.length, 2);
  });

  it('leaves out what looks like a secret unless it is chosen', async () => {
    const { asked, context } = user(['Send']);
    const agreed = await askConsent(context, sending('.env', 'key.pem'));
    assert.deepEqual([agreed?.sent, agreed?.kept], [[], ['.env', 'key.pem']]);
    assert.match(asked[0]?.detail ?? '', /\.env: a private key \(stays here\)/);
  });

  it('sends the secrets that are chosen', async () => {
    const { asked, context } = user([CHOOSE, 'Send'], ['.env']);
    const agreed = await askConsent(context, sending('.env', 'key.pem'));
    assert.deepEqual([sentOf(agreed), agreed?.kept], [['.env'], ['key.pem']]);
    assert.match(asked[1]?.detail ?? '', /\.env: a private key \(will be sent\)/);
  });

  it('is asked for again when new secrets turn up, and remembers what was chosen before', async () => {
    const { asked, context, press } = user([CHOOSE, 'Send'], ['.env']);
    await askConsent(context, sending('.env', 'key.pem'));
    assert.ok(await askConsent(context, sending('.env')), 'fewer are none that are new');
    assert.equal(asked.length, 2);
    press('Send');
    const agreed = await askConsent(context, sending('.env', 'key.pem', 'new.pem'));
    assert.equal(asked.length, 3);
    assert.deepEqual([sentOf(agreed), agreed?.kept], [['.env'], ['key.pem', 'new.pem']]);
  });

  it('is asked for again when a file that was allowed has changed, which stays then unless it is chosen anew', async () => {
    const { asked, context, press } = user([CHOOSE, 'Send'], ['.env']);
    await askConsent(context, sending('.env', 'key.pem'));
    const changed = (text: string): Sending => ({
      ...sending('key.pem'),
      secrets: [{ ...secret('.env'), hash: hashOf(text) }, secret('key.pem')],
    });
    press('Send');
    const agreed = await askConsent(context, changed('another secret'));
    assert.equal(asked.length, 3);
    assert.match(asked[2]?.detail ?? '', /\.env: a private key \(changed since you allowed it, stays here\)/);
    assert.deepEqual([agreed?.sent, agreed?.kept], [[], ['.env', 'key.pem']]);
    assert.ok(await askConsent(context, changed('a third one')), 'what stays may change');
    assert.equal(asked.length, 3);
  });

  it('names only so many, and says how many more there are', async () => {
    const { asked, context } = user(['Send']);
    await askConsent(context, sending(...Array.from({ length: 30 }, (_, i) => `k${String(i)}.pem`)));
    assert.match(asked[0]?.detail ?? '', /30 files with what looks like a secret/);
    assert.match(asked[0]?.detail ?? '', /… and 22 files more/);
  });

  it('is asked for where what is stored is broken', async () => {
    const { asked, context } = user(['Send']);
    await context.memory.update('offload.agreedToSend', { at: 'yesterday' });
    await askConsent(context, sending());
    assert.equal(asked.length, 1);
  });
});
