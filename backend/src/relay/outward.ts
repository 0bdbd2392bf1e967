import { contentBlocks, isPiece, type RequestBody } from './request-body.ts';

/**
 * Tools that the agent carries out itself, or that reach nothing but the request. Every other type is carried out by the
 * model's provider, who may reach any address for it.
 */
const INWARD_TOOLS = /^(custom|bash|text_editor|computer|memory|tool_search_tool)(_|$)/;

/**
 * What in a request would have the model's provider reach an address, in words; undefined where nothing would. A box
 * whose network is closed could tell the outside anything by it.
 */
export function outwardPart(body: RequestBody): string | undefined {
  if (hasEntries(body['mcp_servers'])) return 'tool servers that the provider calls (mcp_servers)';
  if (body['container'] !== undefined && body['container'] !== null) return 'a container of the provider';
  for (const tool of toolsOf(body)) {
    const type = tool['type'];
    if (typeof type === 'string' && !INWARD_TOOLS.test(type))
      return `the provider's tool ${type.slice(0, 64)}`;
  }
  for (const block of contentBlocks(body)) {
    const { source } = block;
    if (isPiece(source) && source['type'] === 'url')
      return 'content at an address, which the provider fetches';
  }
  return undefined;
}

const hasEntries = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

/** The tools of a request, those added in mid-conversation included. */
function toolsOf(body: RequestBody) {
  const lists = [body['tools'], ...contentBlocks(body).map((block) => block['tools'])];
  return lists.flatMap((list): unknown[] => (Array.isArray(list) ? (list as unknown[]) : [])).filter(isPiece);
}
