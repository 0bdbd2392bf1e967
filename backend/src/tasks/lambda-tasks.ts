import { accessSchema, type ModelAccess } from '../../../src/protocol/access.ts';
import { findProgram } from '../isolation/find-program.ts';
import type { TaskServices } from './task-services.ts';

/** The agents that the image of a function has besides the code, by its environment. */
export function programsFrom(env: NodeJS.ProcessEnv): NonNullable<TaskServices['programs']> {
  const program = env['OFFLOAD_AGENT_PROGRAM'] ?? findProgram('claude');
  return program === undefined ? {} : { 'claude-code': program };
}

/** The way to the model that an environment names. */
export function accessFrom(env: NodeJS.ProcessEnv): ModelAccess | undefined {
  const said = env['CLAUDE_CODE_USE_BEDROCK'] === '1' ? bedrock(env) : messages(env);
  if (said === undefined) return undefined;
  const access = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return accessSchema.safeParse(access).data;
}

const bedrock = (env: NodeJS.ProcessEnv) => ({
  provider: 'bedrock',
  region: env['AWS_REGION'],
  profile: env['AWS_PROFILE'],
  baseUrl: env['ANTHROPIC_BEDROCK_BASE_URL'],
});

/** An endpoint of one's own may need no key. */
function messages(env: NodeJS.ProcessEnv) {
  const { ANTHROPIC_API_KEY: key, CLAUDE_CODE_OAUTH_TOKEN: token, ANTHROPIC_BASE_URL: baseUrl } = env;
  if (key === undefined && token === undefined && baseUrl === undefined) return undefined;
  return { provider: 'messages', key, token, baseUrl };
}
