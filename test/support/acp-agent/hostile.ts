import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Hostility } from './scenario.ts';

// A program that is no agent, or a hostile one: hostile.ts KIND
const kind = process.argv[2] as Hostility;

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
const send = (message: object): Promise<void> => write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const update = (of: unknown): Promise<void> =>
  send({ method: 'session/update', params: { sessionId: 's', update: of } });
const tool = (number: number) => ({
  sessionUpdate: 'tool_call',
  toolCallId: `t${String(number)}`,
  title: 'more',
});

async function garbage(): Promise<void> {
  await write('no JSON\n\n{"cut\n[]\n[{"jsonrpc":"2.0"}]\nnull\n7\n"text"\n{}\n\u0000\n');
  await write(Buffer.from([0xff, 0xfe, 10]).toString('latin1'));
  await send({ id: 99, result: { nobody: 'asked' } });
  await send({ id: 'x', error: 'no error' });
  await send({ method: 'session/update' });
  await send({ method: 'session/nothing', params: [] });
  for (const each of [undefined, null, 7, [], { sessionUpdate: 'unheard_of' }]) await update(each);
  await update({ sessionUpdate: 'agent_message_chunk', content: 'no content' });
  await update({ sessionUpdate: 'agent_message_chunk', content: { type: 'image', data: '' } });
  await update({ sessionUpdate: 'tool_call', toolCallId: 'x'.repeat(5000), title: 'too long an id' });
  await update({ sessionUpdate: 'tool_call_update', toolCallId: 'never begun', status: 'completed' });
  await send({ method: 'session/update', params: { sessionId: 'another', update: tool(1) } });
}

async function prompted(id: unknown): Promise<void> {
  if (kind === 'deaf') return;
  if (kind === 'garbage') await garbage();
  if (kind === 'endless-line') for (;;) await write('x'.repeat(1024 * 1024));
  if (kind === 'tools') for (let number = 0; ; number++) await update(tool(number));
  if (kind === 'asking')
    for (let number = 0; ; number++) await send({ id: `q${String(number)}`, method: 'fs/read_text_file' });
  await update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'Done.' } });
  await send({ id, result: { stopReason: 'end_turn' } });
  if (kind === 'late') {
    await update(tool(1));
    await update({
      sessionUpdate: 'agent_message_chunk',
      content: { type: 'text', text: 'And another thing.' },
    });
  }
  if (kind === 'leaving') process.stdin.destroy();
}

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  if (kind === 'silent') return;
  const { id, method } = JSON.parse(line) as { id?: unknown; method?: string };
  if (method === 'initialize')
    void send({ id, result: kind === 'wrong-answers' ? 'yes' : { protocolVersion: 1 } });
  if (method === 'session/new') void send({ id, result: { sessionId: 's' } });
  if (method !== 'session/prompt') return;
  // Its answers are read no more.
  if (kind === 'asking') input.pause();
  void prompted(id);
});
