import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const setup = (name: string): string =>
  JSON.stringify(fileURLToPath(new URL(`../../../scripts/setup/${name}.mjs`, import.meta.url)));

/** Runs a script of the project's whose body this is. */
function script(body: string) {
  const text = `
    import { main } from ${setup('main')};
    import { run } from ${setup('command')};
    import { SetupError } from ${setup('project')};
    await main(async () => {${body}});
  `;
  const args = ['--input-type=module', '--eval', text];
  const { error, ...ended } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 15_000 });
  assert.equal(error, undefined);
  return ended;
}

describe('a script of the project', () => {
  it('ends the programs that still run beside it, and starts none after', () => {
    const { status, stdout, stderr } = script(`
      const first = run('sleep', ['1234']);
      first.catch(() => run('echo', ['started'])).catch(() => undefined);
      throw new SetupError('something is not there');
    `);
    assert.deepEqual([status, stdout, stderr], [1, '', 'offload: something is not there\n']);
  });

  it('ends them where it does not fail, too', () => {
    const { status } = script(`
      run('sleep', ['1234']).catch(() => undefined);
      return 3;
    `);
    assert.equal(status, 3);
  });

  it('is ended with what was to be told to a program later', () => {
    const { status, stderr } = script(`
      const later = Promise.reject(new SetupError('it could not be made'));
      return run(process.execPath, ['--eval', 'setTimeout(() => {}, 1_000_000)'], { later });
    `);
    assert.deepEqual([status, stderr], [1, 'offload: it could not be made\n']);
  });
});
