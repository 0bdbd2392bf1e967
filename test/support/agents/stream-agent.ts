import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { assistant, begin, event, result, said } from './claude-messages.ts';
import type { Behaviour } from './stream-agent-program.ts';

// An agent that speaks Claude Code's stream of JSON, and behaves as no real one can be made to: stream-agent … BEHAVIOUR
const behaviour = process.argv.at(-1) as Behaviour;

const MIB = 1024 ** 2;
const FLOOD = 1024 * MIB;

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
const send = (message: object): Promise<void> => write(`${JSON.stringify(message)}\n`);
const use = (id: string, name: string, input: object): Promise<void> =>
  send(assistant([{ type: 'tool_use', id, name, input }]));

async function flood(text: string): Promise<void> {
  for (let written = 0; written < FLOOD; written += text.length) await write(text);
}

const behaviours: Record<Behaviour, () => Promise<void>> = {
  'endless line': () => flood('x'.repeat(MIB)),
  noise: async () => {
    const lines = `{"type":"unheard_of","of":"${'x'.repeat(1000)}"}\n${'no JSON'.repeat(150)}\n`;
    await flood(lines.repeat(MIB / 2048));
    await send(result());
  },
  'endless talk': async () => {
    const part = said(0, 'x'.repeat(MIB));
    for (let written = 0; written < FLOOD; written += MIB) {
      await send(event({ type: 'message_start' }));
      await send(part);
    }
    await send(result());
  },
  silence: () => new Promise(() => undefined),
  crash: async () => {
    await send(said(0, 'half'));
    await use('t1', 'Bash', { command: 'make' });
    console.error('it has come to nothing');
    process.exit(7);
  },
  'no JSON': async () => {
    await write('Hello, I am no agent.\n');
    process.exit(0);
  },
  refusal: async () => {
    await use('t1', 'Bash', { command: 'make' });
    await use('t2', 'Write', { file_path: '/workspace/a', content: '' });
    const denials = [
      { tool_name: 'Bash', tool_use_id: 't1' },
      { tool_name: 'Write', tool_use_id: 't2' },
    ];
    await send(result({ permission_denials: denials }));
  },
};

const input = createInterface({ input: process.stdin });
// It ends when nothing more comes, as Claude Code does; in the midst of its work it hears nothing.
input.once('line', () => {
  void (async () => {
    await send({ type: 'system', subtype: 'init', session_id: 'made-up', claude_code_version: '0.0.0' });
    await send(event({ type: 'message_start' }));
    await send(begin(0, { type: 'text', text: '' }));
    writeFileSync('made.txt', 'made\n');
    await behaviours[behaviour]();
  })();
});
