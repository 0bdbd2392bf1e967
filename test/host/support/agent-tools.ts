import { use } from '../../support/messages-api/turn.ts';

/** Claude Code writes a file. @param path inside the workspace */
export const write_ = (path: string, content: string) =>
  use('Write', { file_path: `/workspace/${path}`, content });

/** Claude Code runs a command, under the title "Runs it". */
export const bash = (command: string) => use('Bash', { command, description: 'Runs it' });
