import { join } from 'node:path';
import type { AgentOptions } from '../../../backend/src/agents/agent.ts';
import { claudeCode } from '../../../backend/src/agents/claude-code/claude-code.ts';
import type { MessagesApi, MessagesApiOptions } from '../messages-api/server.ts';
import { use } from '../messages-api/turn.ts';
import { agentProgram } from '../task/agents.ts';
import { agentFolders, AgentSession, type AgentFolders } from './agent-session.ts';

const named = (id: string | undefined) => (id === undefined ? {} : { id });

/** The real Claude Code of a suite, spoken with by its adapter: in folders that are new for each test. */
export class ClaudeSessions {
  folders: AgentFolders = { home: '', workspace: '' };
  #program = '';
  readonly #sessions: AgentSession[] = [];

  constructor() {
    const prepare = (context: Mocha.Context): void => {
      this.#program = agentProgram(context, 'OFFLOAD_TEST_CLAUDE');
    };
    before(function () {
      prepare(this);
    });
    beforeEach(() => {
      this.folders = agentFolders();
    });
    afterEach(() => Promise.all(this.#sessions.splice(0).map((session) => session.dispose())));
  }

  async start(
    script: MessagesApiOptions | MessagesApi,
    options: Partial<AgentOptions> = {},
  ): Promise<AgentSession> {
    const whole = { program: this.#program, ...options };
    const session = await AgentSession.start(claudeCode, script, whole, this.folders);
    this.#sessions.push(session);
    return session;
  }

  /** Where a file of the workspace lies. */
  readonly file = (name: string): string => join(this.folders.workspace, name);

  readonly write = (name: string, content: string, id?: string) =>
    use('Write', { file_path: this.file(name), content }, named(id));

  readonly run = (command: string, id?: string) =>
    use('Bash', { command, description: 'a command' }, named(id));
}
