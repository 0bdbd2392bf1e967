/** A body of `POST /v1/messages`, so far as scripts look at it. */
export interface MessagesBody {
  model: string;
  max_tokens: number;
  stream?: boolean;
  system?: string | readonly { text?: string }[];
  tools?: readonly { name: string }[];
  thinking?: { type: string; budget_tokens?: number };
  messages: readonly { role: string; content: string | readonly ContentBlock[] }[];
}

export interface ContentBlock {
  type: string;
  text?: string;
  tool_use_id?: string;
  is_error?: boolean;
  content?: unknown;
}

const REMINDER = /<system-reminder>[\s\S]*?<\/system-reminder>/g;

/** What the user wrote in a message: its text without what an agent wraps as a reminder of its own. */
function userText({ role, content }: MessagesBody['messages'][number]): string {
  if (role !== 'user') return '';
  const texts =
    typeof content === 'string'
      ? [content]
      : content.flatMap((block) => (block.type === 'text' ? [block.text ?? ''] : []));
  return texts
    .map((each) => each.replace(REMINDER, '').trim())
    .join('\n')
    .trim();
}

/** The user's last text, and how many answers the model has given since. */
export function lastPrompt(body: MessagesBody): { prompt: string; answers: number } {
  const at = body.messages.findLastIndex((message) => userText(message) !== '');
  const message = body.messages[at];
  const since = body.messages.slice(at + 1);
  return {
    prompt: message === undefined ? '' : userText(message),
    answers: since.filter(({ role }) => role === 'assistant').length,
  };
}

/** The results of tools that came with the request's last message. */
export function toolResults(body: MessagesBody): readonly { id: string; failed: boolean; text: string }[] {
  const content = body.messages.at(-1)?.content;
  if (content === undefined || typeof content === 'string') return [];
  return content.flatMap((block) =>
    block.type === 'tool_result'
      ? [{ id: block.tool_use_id ?? '', failed: block.is_error === true, text: resultText(block.content) }]
      : [],
  );
}

function resultText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as readonly ContentBlock[]).map((block) => block.text ?? '').join('');
}

/** The system prompt as one text. */
export function systemText({ system }: MessagesBody): string {
  if (system === undefined || typeof system === 'string') return system ?? '';
  return system.map((block) => block.text ?? '').join('\n');
}
