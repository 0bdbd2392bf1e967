import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChatHost } from '../../../src/editor/chat/chat-host.ts';
import type { PageConnection } from '../../../src/editor/chat/page-connection.ts';
import { toPageSchema, type ToHostBody, type ToPage } from '../../../src/protocol/chat.ts';

type Of<Type extends ToPage['type']> = Extract<ToPage, { type: Type }>;

/** A page as the host sees it: what it was told, and a way to ask. */
export class FakePage {
  readonly told: ToPage[] = [];
  readonly connection: PageConnection;
  #id = 0;

  constructor(host: ChatHost) {
    this.connection = host.connect((message) => {
      this.told.push(toPageSchema.parse(message));
      return Promise.resolve();
    });
  }

  /** Asks, and gives the reply's error. */
  async ask(body: ToHostBody): Promise<Of<'reply'>['error']> {
    const id = ++this.#id;
    await this.connection.take({ ...body, id });
    const reply = this.of('reply').find((each) => each.id === id);
    assert.ok(reply, `${body.type} was never answered`);
    return reply.error;
  }

  of<Type extends ToPage['type']>(type: Type): Of<Type>[] {
    return this.told.filter((message): message is Of<Type> => message.type === type);
  }

  /** The last message of a kind that holds something, once it has come. */
  async last<Type extends ToPage['type']>(
    type: Type,
    holds: (message: Of<Type>) => boolean = () => true,
  ): Promise<Of<Type>> {
    for (let wait = 0; wait < 400; wait++) {
      const found = this.of(type).findLast(holds);
      if (found !== undefined) return found;
      await sleep(5);
    }
    throw new Error(`Never told: ${type}. Told: ${JSON.stringify(this.told).slice(0, 2000)}`);
  }
}
