import type { ModelAccess } from '../../../src/protocol/access.ts';

const ANTHROPIC = 'https://api.anthropic.com';

/** Where a model is reached: the address that its access names, or its provider's own. */
export const modelAddress = (access: ModelAccess): string =>
  access.baseUrl ??
  (access.provider === 'messages' ? ANTHROPIC : `https://bedrock-runtime.${access.region}.amazonaws.com`);
