import { agentProgram } from '../agent-program.ts';
import type { AgentAdapter, AgentCommand, AgentOptions, AgentPlaces } from '../agent.ts';
import { ClaudeConversation } from './conversation.ts';

const FIX = 'Install it, or set its path: "offload.agents.claude-code.path".';

/** Where its tool servers are written down, in its home. */
const TOOL_SERVERS = '.offload/tool-servers.json';

/**
 * Its user's instructions, in its home. It reads them anew when a conversation goes on, which it does not with those that
 * are given as a part of its system prompt; and they may be longer than an argument of a program (128 KiB on Linux).
 */
const INSTRUCTIONS = '.claude/CLAUDE.md';

/**
 * Tools that make no sense in a box that ends with its task: clocks, worktrees, plans that wait for a yes, and the web,
 * which is closed.
 */
const LEFT_OUT = [
  ...['CronCreate', 'CronDelete', 'CronList', 'ScheduleWakeup', 'Monitor', 'Workflow'],
  ...['EnterWorktree', 'ExitWorktree', 'EnterPlanMode', 'ExitPlanMode'],
  ...['WebFetch', 'WebSearch'],
];

/**
 * Claude Code, by the two-way stream of its command line (`claude --help`, and the Agent SDK's reference).
 *
 * What a repository brings for it (`CLAUDE.md`, skills, `.claude/settings.json` with its hooks and its denials) holds as
 * it does anywhere: all of that runs in the box, with no more than the agent has there. Two things do not: servers of
 * tools in `.mcp.json`, since the task says which there are; and settings that lead the model's traffic elsewhere.
 */
export const claudeCode: AgentAdapter = {
  id: 'claude-code',
  name: 'Claude Code',
  command,
  converse: (streams, { prompt }, { workspace }) => new ClaudeConversation(streams, workspace, prompt),
};

function command(options: AgentOptions, places: AgentPlaces): AgentCommand {
  const { program: given, programInBox = false } = options;
  const program = programInBox && given !== undefined ? given : agentProgram(given, 'Claude Code', FIX);
  const { model, instructions, maxTurns, resume, toolServers } = options;
  return {
    argv: [
      program,
      ...['-p', '--verbose', '--include-partial-messages', '--replay-user-messages'],
      ...['--input-format', 'stream-json', '--output-format', 'stream-json'],
      ...['--permission-mode', 'bypassPermissions', '--permission-prompt-tool', 'stdio'],
      ...['--disallowedTools', LEFT_OUT.join(',')],
      ...['--strict-mcp-config', '--mcp-config', `${places.home}/${TOOL_SERVERS}`],
      ...(model === undefined ? [] : [`--model=${model}`]),
      ...(maxTurns === undefined ? [] : ['--max-turns', String(maxTurns)]),
      ...(resume === undefined ? [] : [`--resume=${resume}`]),
      ...options.args,
    ],
    env: environment(places),
    readOnly: programInBox ? [] : [program],
    homeFiles: {
      [INSTRUCTIONS]: instructions ?? '',
      [TOOL_SERVERS]: JSON.stringify({ mcpServers: toolServers }),
    },
  };
}

const environment = ({ modelSocket }: AgentPlaces): Record<string, string> => ({
  ANTHROPIC_UNIX_SOCKET: modelSocket,
  // Without it, it would speak TLS to the socket.
  ANTHROPIC_BASE_URL: 'http://localhost',
  // The relay puts the real one in.
  ANTHROPIC_API_KEY: 'none',
  // A repository's settings often choose another provider, which the box has no way to.
  CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: '1',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  // The end of a turn is the end of the work: nothing is left that would begin another one, or go with the box.
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  // Milliseconds that the agent may give a command, for it cannot put a long one into the background.
  BASH_MAX_TIMEOUT_MS: String(60 * 60 * 1000),
  // What it would remember for other conversations goes with this one.
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
  CLAUDE_CODE_FORWARD_SUBAGENT_TEXT: '1',
  CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
  // One tool that writes the whole list, in place of one for each change.
  CLAUDE_CODE_ENABLE_TASKS: '0',
  // Tools are told to the model at once, for not every endpoint can look them up.
  ENABLE_TOOL_SEARCH: 'false',
  // It refuses to work freely as root, unless it is told that it is in a sandbox.
  IS_SANDBOX: '1',
});
