import type { ModelCall } from './upstream.ts';

/** Betas that Bedrock's InvokeModel takes; it refuses a request that names any other. */
const BETAS: ReadonlySet<string> = new Set([
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dev-full-thinking-2025-05-14',
  'effort-2025-11-24',
  'interleaved-thinking-2025-05-14',
  'output-128k-2025-02-19',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
  'tool-search-tool-2025-10-19',
]);

/** The same by another name there. */
const RENAMED: Readonly<Record<string, string>> = {
  'advanced-tool-use-2025-11-20': 'tool-search-tool-2025-10-19',
};

/** What the Messages API knows and Bedrock refuses. */
const NOT_THERE = [
  'model',
  'stream',
  'metadata',
  'service_tier',
  'inference_geo',
  'speed',
  'container',
  'mcp_servers',
];

/** The body of InvokeModel for a call of the Messages API. */
export function bedrockBody({ body, headers }: ModelCall): string {
  const kept = Object.entries(body).filter(([name]) => !NOT_THERE.includes(name));
  const betas = (headers['anthropic-beta'] ?? '').split(',').map((beta) => beta.trim());
  const known = [...new Set(betas.map((beta) => RENAMED[beta] ?? beta).filter((beta) => BETAS.has(beta)))];
  return JSON.stringify({
    ...Object.fromEntries(kept),
    anthropic_version: 'bedrock-2023-05-31',
    ...(known.length === 0 ? {} : { anthropic_beta: known }),
  });
}

/**
 * Bedrock's id of a model. One that has the API's form is asked for in the geography of the region, so that nothing
 * leaves it: Bedrock takes most models by such an inference profile alone.
 */
export function bedrockModel(model: string, region: string): string {
  if (!/^claude-[a-z0-9-]+$/.test(model)) return model;
  const version = /-\d{8}$/.test(model) ? '-v1:0' : model === 'claude-opus-4-6' ? '-v1' : '';
  return `${geography(region)}.anthropic.${model}${version}`;
}

function geography(region: string): string {
  if (region.startsWith('us-gov-')) return 'us-gov';
  if (/^(us|ca)-/.test(region)) return 'us';
  if (region.startsWith('eu-')) return 'eu';
  if (region === 'ap-northeast-1' || region === 'ap-northeast-3') return 'jp';
  if (region === 'ap-southeast-2' || region === 'ap-southeast-4') return 'au';
  return region.startsWith('ap-') ? 'apac' : 'global';
}
