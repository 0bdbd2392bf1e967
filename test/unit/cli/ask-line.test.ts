import assert from 'node:assert/strict';
import { start } from '../../support/cli/started.ts';

const MODULE = new URL('../../../src/cli/ask-line.ts', import.meta.url).href;

/** What a program that asks gets from its standard input. */
async function asked(program: string, input: string): Promise<string> {
  const text = `import { askLine, askYes } from ${JSON.stringify(MODULE)};\n${program}`;
  const { code, stdout, stderr } = await start(process.execPath, ['--input-type=module', '-e', text], {
    input,
  }).ended;
  assert.equal(code, 0, stderr);
  return stdout;
}

describe('a question on the command line', () => {
  it('leaves what comes with its answer to the next one', async () => {
    const program = "console.log(await askLine('Code? '), await askYes('Go on?'), await askLine('More? '));";
    assert.equal(await asked(program, '123456\ny\n'), '123456 true undefined\n');
    assert.equal(await asked(program, ''), 'undefined false undefined\n');
  });

  it('has no answer where standard input was read to its end before', async () => {
    const program = "for await (const _ of process.stdin); console.log(await askLine('Code? '));";
    assert.equal(await asked(program, 'a prompt'), 'undefined\n');
  });

  it('is left by its signal, on which nothing stays', async () => {
    const program = `
      import { getEventListeners } from 'node:events';
      const one = new AbortController();
      await askLine('One? ', one.signal);
      console.log(getEventListeners(one.signal, 'abort').length);
      setTimeout(() => one.abort(new Error('enough')), 50);
      // Nothing more is said to come, not even the end.
      process.stdin.push = () => true;
      console.log(await askLine('Two? ', one.signal).catch(({ message }) => message));
      console.log(getEventListeners(one.signal, 'abort').length);`;
    assert.equal(await asked(program, 'yes\n'), '0\nenough\n0\n');
  });
});
