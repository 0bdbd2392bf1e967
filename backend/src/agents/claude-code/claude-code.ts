import { accessSync, constants, realpathSync } from 'node:fs';
import { OffloadError } from '../../../../src/protocol/error.ts';
import type { AgentAdapter, AgentCommand, AgentOptions, AgentPlaces } from '../agent.ts';
import { ClaudeConversation } from './conversation.ts';

/** Where its tool servers are written down, in its home. */
const TOOL_SERVERS = '.offload/tool-servers.json';

/**
 * Tools that make no sense in a box that ends with its task: clocks, worktrees, plans that wait for a yes, and the web,
 * which is closed.
 */
const LEFT_OUT = [
  ...['CronCreate', 'CronDelete', 'CronList', 'ScheduleWakeup', 'Monitor'],
  ...['EnterWorktree', 'ExitWorktree', 'EnterPlanMode', 'ExitPlanMode'],
  ...['WebFetch', 'WebSearch'],
];

/** Claude Code, by the two-way stream of its command line (`claude --help`, and the Agent SDK's reference). */
export const claudeCode: AgentAdapter = {
  id: 'claude-code',
  name: 'Claude Code',
  command,
  converse: (streams, { prompt }, { workspace }) => new ClaudeConversation(streams, workspace, prompt),
};

function command(options: AgentOptions, places: AgentPlaces): AgentCommand {
  const program = findProgram(options.program);
  const { model, instructions, maxTurns, resume, toolServers } = options;
  const hasServers = Object.keys(toolServers).length > 0;
  return {
    argv: [
      program,
      ...['-p', '--verbose', '--include-partial-messages'],
      ...['--input-format', 'stream-json', '--output-format', 'stream-json'],
      ...['--permission-mode', 'bypassPermissions', '--permission-prompt-tool', 'stdio'],
      ...['--disallowedTools', LEFT_OUT.join(',')],
      '--strict-mcp-config',
      ...(hasServers ? ['--mcp-config', `${places.home}/${TOOL_SERVERS}`] : []),
      ...(model === undefined ? [] : ['--model', model]),
      ...(instructions === undefined ? [] : ['--append-system-prompt', instructions]),
      ...(maxTurns === undefined ? [] : ['--max-turns', String(maxTurns)]),
      ...(resume === undefined ? [] : ['--resume', resume]),
      ...options.args,
    ],
    env: {
      ANTHROPIC_UNIX_SOCKET: places.modelSocket,
      ANTHROPIC_BASE_URL: 'http://localhost',
      // The relay puts the real one in.
      ANTHROPIC_API_KEY: 'none',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
      CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
      ENABLE_TOOL_SEARCH: 'false',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      // It refuses to work freely as root, unless it is told that it is in a sandbox.
      IS_SANDBOX: '1',
    },
    readOnly: [program],
    ...(hasServers ? { homeFiles: { [TOOL_SERVERS]: JSON.stringify({ mcpServers: toolServers }) } } : {}),
  };
}

/** @throws OffloadError `no-agent` */
function findProgram(path: string | undefined): string {
  try {
    if (path === undefined) throw new Error('its path is not given');
    const program = realpathSync(path);
    accessSync(program, constants.X_OK);
    return program;
  } catch (cause) {
    const where = path === undefined ? '' : ` at ${path}`;
    throw new OffloadError('no-agent', `There is no Claude Code${where}.`, {
      fix: 'Install it, or set its path: "offload.agents.claude-code.path".',
      cause,
    });
  }
}
