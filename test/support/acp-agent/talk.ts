import assert from 'node:assert/strict';
import type { AgentSession } from '../agents/agent-session.ts';
import { withScripted } from './scripted-session.ts';

/** What the scripted agent was told. */
interface Told {
  method: string;
  params: Record<string, unknown>;
}

/** The conversations of a suite with the scripted agent, one at a time. */
export class AcpTalk {
  #session: AgentSession | undefined;

  constructor() {
    afterEach(() => this.#end());
  }

  /** Begins one, and ends the one before. */
  async begin(...how: Parameters<typeof withScripted>): Promise<AgentSession> {
    await this.#end();
    return (this.#session = await withScripted(...how));
  }

  get session(): AgentSession {
    assert(this.#session, 'A test begins its conversation first.');
    return this.#session;
  }

  /** What the agent was told, where that is all that it has said. */
  get told(): Told[] {
    return JSON.parse(this.session.said) as Told[];
  }

  get prompts(): unknown[] {
    return this.told.flatMap(({ method, params }) => (method === 'session/prompt' ? [params['prompt']] : []));
  }

  /** Asserts that the first turn fails so. */
  async failedWith(code: string, message: RegExp): Promise<void> {
    const end = await this.session.turn();
    assert(end.outcome === 'failed', JSON.stringify(end));
    assert.equal(end.error.code, code);
    assert.match(end.error.message, message);
  }

  async #end(): Promise<void> {
    await this.#session?.dispose();
    this.#session = undefined;
  }
}
