import { use } from '../messages-api/turn.ts';

/** Uses of Claude Code's tools, in a task's workspace. */
export const write = (path: string, content: string) =>
  use('Write', { file_path: `/workspace/${path}`, content });
export const run = (command: string) => use('Bash', { command, description: 'a command' });
