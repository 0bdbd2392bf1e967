import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { code } from '../../support/target/code.ts';
import { failure, run, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';

export function describeInterpreters(target: () => Target): void {
  describe("the host's interpreters", () => {
    let folder: string;

    before(() => {
      folder = mkdtempSync('/tmp/i-');
      chmodSync(folder, 0o755);
    });
    after(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    const script = (name: string, text: string): string => {
      mkdirSync(join(folder, name), { recursive: true });
      const path = join(folder, name, 'python3');
      writeFileSync(path, text, { mode: 0o755 });
      return path;
    };
    const lacking = async (): Promise<boolean> => {
      if (target().capabilities.hostInterpreters) return false;
      const attempt = run(target(), 'python', 'print(1)', { interpreter: '/usr/bin/python3' });
      await assert.rejects(attempt, { code: 'not-supported' });
      return true;
    };

    it('are used with their packages, out of a virtual environment, which they cannot change', async () => {
      if (await lacking()) return;
      const venv = join(folder, 'a venv');
      execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', venv]);
      const packages = execFileSync(join(venv, 'bin/python3'), [
        '-c',
        'import site; print(site.getsitepackages()[0])',
      ]);
      writeFileSync(join(packages.toString().trim(), 'own_package.py'), "NAME = 'own package'\n");
      const text = code`
        import own_package, sys
        print(own_package.NAME, sys.prefix)
        try:
            open(sys.prefix + '/planted', 'w')
        except OSError as error:
            print(error.strerror)
      `;
      const interpreter = join(venv, 'bin/python3');
      const { stdout } = succeeded(await run(target(), 'python', text, { interpreter }));
      assert.equal(stdout, `own package ${venv}\nRead-only file system\n`);
    });

    it('are those that a shim stands for', async () => {
      if (await lacking()) return;
      const shim = script('a shim', '#!/bin/sh\nexec /usr/bin/python3 "$@"\n');
      const { stdout } = succeeded(
        await run(target(), 'python', 'import sys; print(sys.executable)', { interpreter: shim }),
      );
      assert.equal(stdout, '/usr/bin/python3\n');
    });

    it('are refused when they are not there', async () => {
      if (await lacking()) return;
      const outcome = await run(target(), 'python', 'print(1)', { interpreter: join(folder, 'nothing') });
      assert.equal(failure(outcome), 'no-interpreter');
    });

    for (const [name, text] of [
      ['says nothing', '#!/bin/sh\nexit 0\n'],
      ['fails', '#!/bin/sh\necho no >&2\nexit 3\n'],
      ['is no program', 'neither binary nor script'],
      ['says something else', '#!/bin/sh\necho hello\n'],
      ['answers with another shape', '#!/bin/sh\necho null\n'],
    ] as const) {
      it(`are refused in one clear line when what is there ${name}`, async () => {
        if (await lacking()) return;
        const interpreter = script(name, text);
        const { end, ...rest } = await run(target(), 'python', 'print(1)', { interpreter });
        assert.equal(failure({ end, ...rest }), 'no-interpreter');
        assert(end.type === 'failed');
        assert(
          end.error.message.startsWith(`${interpreter} cannot be used to run Python: `),
          end.error.message,
        );
        assert.doesNotMatch(end.error.message, /\n|undefined|null/);
        assert(end.error.fix !== undefined);
      });
    }

    it('are refused where showing them would show private files as well', async () => {
      if (await lacking()) return;
      const fake = join(folder, 'fake');
      mkdirSync(join(fake, 'bin'), { recursive: true });
      symlinkSync('/usr/bin/env', join(fake, 'bin', 'python3'));
      for (const prefix of ['/', '/etc', '/tmp', '/home', '/root', '/var']) {
        const answer = { version: '3.0', executable: '/usr/bin/python3', user: null, userBase: null };
        const text = `#!/bin/sh\necho '${JSON.stringify({ ...answer, prefixes: [prefix] })}'\n`;
        const outcome = await run(target(), 'python', 'print(1)', { interpreter: script('private', text) });
        assert.equal(failure(outcome), 'no-interpreter', prefix);
      }
    });
  });
}
