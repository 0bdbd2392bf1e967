import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { FakeHost } from '../../support/chat/fake-host.ts';
import { openChat, type ChatOptions, type OpenChat } from '../../support/chat/open-chat.ts';
import { needsEditor } from '../../support/editor/tools.ts';
import { WAIT_LIMIT } from '../../support/limits.ts';

/** A page of the chat and the host behind it, for each test of a suite. */
export interface ChatTest {
  host: FakeHost;
  chat: OpenChat;
}

/**
 * Opens a page before each test of the suite around it, and closes it after. Each test also fails where the page breaks
 * its own policy, throws, or loads anything.
 */
export function withChat(options: ChatOptions = {}): ChatTest {
  const test = {} as ChatTest;

  before(function () {
    needsEditor(this);
  });

  beforeEach(async () => {
    test.host = new FakeHost();
    test.chat = await openChat(test.host, options);
    await test.chat.page.locator('#prompt').waitFor();
  });

  afterEach(async function () {
    // Undefined where the page never came up.
    const chat = test.chat as OpenChat | undefined;
    await chat?.close();
    if (this.currentTest?.state !== 'passed' || chat === undefined) return;
    assert.deepEqual(chat.requests, []);
    assert.deepEqual(chat.violations, []);
  });

  return test;
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + WAIT_LIMIT;
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error(`Never came: ${condition.toString()}`);
    await sleep(30);
  }
}
