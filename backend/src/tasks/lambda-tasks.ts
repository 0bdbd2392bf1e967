import type { ModelAccess } from '../../../src/protocol/access.ts';
import { findProgram } from '../isolation/find-program.ts';
import type { TaskServices } from './task-services.ts';

/** What the image of a function has besides the code: its agent, and the way to the model, by its environment. */
export function lambdaTasks(env: NodeJS.ProcessEnv): Pick<TaskServices, 'access' | 'programs'> {
  const program = env['OFFLOAD_AGENT_PROGRAM'] ?? findProgram('claude');
  return { access: accessFrom(env), programs: program === undefined ? {} : { 'claude-code': program } };
}

function accessFrom(env: NodeJS.ProcessEnv): ModelAccess | undefined {
  const [key, token, baseUrl, region] = [
    env['ANTHROPIC_API_KEY'],
    env['CLAUDE_CODE_OAUTH_TOKEN'],
    env['ANTHROPIC_BASE_URL'],
    env['AWS_REGION'],
  ];
  if (env['CLAUDE_CODE_USE_BEDROCK'] === '1' && region !== undefined) return { provider: 'bedrock', region };
  if (key === undefined && token === undefined) return undefined;
  return {
    provider: 'messages',
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(key === undefined ? {} : { key }),
    ...(token === undefined ? {} : { token }),
  };
}
