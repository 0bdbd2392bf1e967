import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Question } from '../../../src/editor/dialogs.ts';
import { parseTaskSettings } from '../../../src/editor/settings/task-settings.ts';
import { AgentPrograms } from '../../../src/editor/task/agent-programs.ts';

/** Makes what npm would: the platform's program in its place. */
const NPM = `#!/bin/sh
echo "fetching $2"
while [ "$1" != --prefix ]; do shift; done
for platform in linux-x64 linux-arm64 darwin-x64 darwin-arm64; do
  mkdir -p "$2/node_modules/@anthropic-ai/claude-code-$platform"
  printf '#!/bin/sh\\necho 9.9.9\\n' > "$2/node_modules/@anthropic-ai/claude-code-$platform/claude"
  chmod +x "$2/node_modules/@anthropic-ai/claude-code-$platform/claude"
done
`;

describe('the programs of agents', () => {
  let folder: string;
  let path: string | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agents-'));
    path = process.env['PATH'];
    // Nothing that happens to be installed on this machine.
    process.env['PATH'] = '/usr/bin:/bin';
  });

  afterEach(async () => {
    process.env['PATH'] = path;
    await rm(folder, { recursive: true });
  });

  async function user(buttons: (string | undefined)[], npm = NPM) {
    const asked: Question[] = [];
    const opened: string[] = [];
    const steps: string[] = [];
    const program = join(folder, 'npm');
    await writeFile(program, npm);
    await chmod(program, 0o755);
    const agents = new AgentPrograms({
      folder: join(folder, 'storage'),
      dialogs: () =>
        ({
          ask: (question: Question) => {
            asked.push(question);
            return Promise.resolve(buttons.shift());
          },
        }) as never,
      log: { info: () => undefined } as never,
      openLink: (address) => Promise.resolve(opened.push(address)),
      npm: { npm: program },
    });
    const settings = (values: Record<string, unknown> = {}) => parseTaskSettings((name) => values[name]);
    const controller = new AbortController();
    const waiting = { onStep: (step: string) => steps.push(step), signal: controller.signal };
    const ready = (values?: Record<string, unknown>) =>
      agents.ready('claude-code', settings(values), waiting);
    return { agents, settings, ready, asked, opened, steps, controller };
  }

  it('are installed by the yes of the user, who sees version, size, licence and place', async () => {
    const { ready, asked, opened, steps, agents, settings } = await user(['Read Licence', 'Install']);
    assert.equal((await agents.offered(settings()))[0]?.detail, 'not installed yet');
    const { program } = await ready();
    assert.ok(program.startsWith(join(folder, 'storage')), program);
    assert.equal(asked.length, 2);
    const { message, detail = '', modal } = asked[0] ?? { message: '' };
    assert.match(message, /Claude Code is not installed\. Install it\?/);
    assert.equal(modal, true);
    for (const part of [/Version \d+\.\d+\.\d+, about \d+ MB/, /Licence: .*proprietary/, /@anthropic-ai/]) {
      assert.match(detail, part);
    }
    assert.ok(detail.includes(join(folder, 'storage')));
    assert.match(opened[0] ?? '', /^https:/);
    assert.ok(steps.some((step) => step.startsWith('installing Claude Code')));
    assert.equal((await ready()).program, program, 'it is there from now on');
    assert.equal(asked.length, 2);
    assert.equal((await agents.offered(settings()))[0]?.detail, '9.9.9');
  });

  it('are not installed without it', async () => {
    const { ready } = await user([undefined]);
    await assert.rejects(ready(), { code: 'no-agent', fix: /offload\.agents\.claude-code\.path/ });
    assert.deepEqual(await readdir(folder), ['npm']);
  });

  it('say what npm said where it could not install them, and can be tried again', async () => {
    const { ready } = await user(['Install', undefined], '#!/bin/sh\necho no such registry >&2\nexit 3\n');
    await assert.rejects(ready(), { code: 'no-agent', message: /no such registry/ });
    assert.deepEqual(await readdir(join(folder, 'storage')), []);
    await assert.rejects(ready(), { message: /is not installed/ });
  });

  it('leave nothing behind when the user stops their installation', async () => {
    const { ready, controller } = await user(['Install'], '#!/bin/sh\nexec sleep 1000\n');
    setTimeout(() => {
      controller.abort();
    }, 200);
    await assert.rejects(ready(), { name: 'AbortError' });
    assert.deepEqual(await readdir(join(folder, 'storage')), []);
  });

  it('are those of the settings before any other', async () => {
    const program = join(folder, 'claude');
    await writeFile(program, Buffer.from('not a program'));
    await chmod(program, 0o755);
    const { ready } = await user([]);
    await assert.rejects(ready({ 'agents.claude-code.path': program }), { code: 'no-agent' });
    await assert.rejects(ready({ 'agents.claude-code.path': '/nowhere' }), {
      code: 'no-agent',
      message: /\/nowhere is not a program/,
    });
  });

  it('are named where a setting names another', async () => {
    const { agents, settings } = await user([]);
    const waiting = { onStep: () => undefined, signal: new AbortController().signal };
    await assert.rejects(agents.ready('cobol', settings(), waiting), {
      code: 'bad-setting',
      setting: 'offload.task.agent',
      message: /claude-code, opencode/,
    });
  });
});
