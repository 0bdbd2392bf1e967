import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installCli, type Installation } from '../../support/cli/installation.ts';
import type { Ended, Started } from '../../support/cli/started.ts';
import { messagesApi, type MessagesApi, type MessagesApiOptions } from '../../support/messages-api/server.ts';
import type { Step } from '../../support/messages-api/turn.ts';
import { skip } from '../../support/reporting/skip.ts';

/** A made-up key, which the model server wants. */
export const KEY = 'sk-ant-api03-made-up-0123456789';

/** The CLI of a suite with Claude Code, a folder to work in, and a model that answers as each test says. */
export interface TaskCli {
  readonly cli: Installation;
  /** The folder that is sent as the workspace, made anew for each test. */
  readonly root: string;
  readonly model: MessagesApi;
  /** Has the model answer so. Before the first task of a test. */
  answers(turns: readonly Step[], options?: Omit<MessagesApiOptions, 'turns'>): Promise<void>;
  /** Writes a file to the workspace. */
  readonly put: (path: string, text: string) => void;
  /** A file of the workspace; undefined where there is none. */
  readonly text: (path: string) => string | undefined;
  start(args: string[], input?: string): Started;
  run(args: string[], input?: string): Promise<Ended>;
}

export function taskCli(): TaskCli {
  const program = process.env['OFFLOAD_TEST_CLAUDE'];
  let installed: Installation | undefined;
  let server: MessagesApi | undefined;
  let tests = 0;
  before(function () {
    if (program === undefined)
      skip(this, process.env['OFFLOAD_TEST_NO_AGENTS'] ?? 'Claude Code is not installed');
    installed = installCli();
    Object.assign(installed.env, { ANTHROPIC_API_KEY: KEY });
  });
  beforeEach(() => {
    mkdirSync(join(cli().work, `root${String(++tests)}`));
  });
  afterEach(async function () {
    const { unexpected } = server ?? { unexpected: [] };
    await server?.close();
    server = undefined;
    if (this.currentTest?.state === 'passed') assert.deepEqual(unexpected, []);
  });
  after(async () => {
    await installed?.remove();
  });
  const cli = (): Installation => {
    assert(installed, 'The CLI is there in tests and hooks only.');
    return installed;
  };
  const root = (): string => join(cli().work, `root${String(tests)}`);
  const start = (args: string[], input?: string): Started => {
    const [command = '', ...rest] = args;
    const all = [command, '--agent-program', program ?? '', ...rest];
    return cli().start(all, input === undefined ? {} : { input });
  };
  return {
    get cli() {
      return cli();
    },
    get root() {
      return root();
    },
    get model() {
      assert(server, 'A test says first what the model answers.');
      return server;
    },
    answers: async (turns, options = {}) => {
      server = await messagesApi({ key: KEY, ...options, turns });
      Object.assign(cli().env, { ANTHROPIC_BASE_URL: server.url });
    },
    put: (path, text) => {
      mkdirSync(dirname(join(root(), path)), { recursive: true });
      writeFileSync(join(root(), path), text);
    },
    text: (path) => (existsSync(join(root(), path)) ? readFileSync(join(root(), path), 'utf8') : undefined),
    start,
    run: (args, input) => start(args, input).ended,
  };
}

/** The id of the task that a command line has followed, from what it said at its end. */
export function idIn({ stderr }: Ended): string {
  const [, id] = /offload reply (r_[0-9a-f]{32})/.exec(stderr) ?? [];
  assert(id !== undefined, stderr);
  return id;
}
