import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startedRun } from '../behaviour/started-run.ts';
import { code } from '../../support/target/code.ts';
import { localTarget } from '../../support/target/local-target.ts';
import { run, succeeded } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';
import { describeLocal } from './describe-local.ts';

describeLocal("the host's files", (target) => {
  it('that hold secrets or other people are not there', async () => {
    const folders = [
      '/root',
      '/etc/shadow',
      '/etc/sudoers',
      '/var',
      '/run',
      '/srv',
      '/mnt',
      '/media',
      '/opt',
      '/boot',
      '/sys',
    ];
    const text = code`
      import os, sys
      for path in sys.argv[1:]:
          try:
              print(path, os.listdir(path) if os.path.isdir(path) else open(path).read())
          except OSError as error:
              print(error.strerror)
    `;
    const { stdout } = succeeded(
      await run(target(), 'python', text, {
        args: [...folders, '/home'],
        // Of another one, its own folder is there.
        interpreter: '/usr/bin/python3',
      }),
    );
    assert.equal(stdout, `${'No such file or directory\n'.repeat(folders.length)}/home ['user']\n`);
  });

  it('that are devices are not there, but for those that hold nothing', async () => {
    const { stdout } = succeeded(await run(target(), 'bash', 'ls /dev; ls /dev/pts /dev/shm'));
    const harmless = 'console core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero';
    const [devices = '', below = ''] = stdout.split('/dev/pts:');
    for (const name of devices.trim().split('\n')) assert(harmless.split(' ').includes(name), name);
    assert.equal(below.trim(), 'ptmx\n\n/dev/shm:');
  });

  it('cannot be reached through any process that can be seen', async () => {
    const text = code`
      import os, json
      seen = {}
      for pid in filter(str.isdigit, os.listdir('/proc')):
          try:
              seen[pid] = sorted(os.listdir(f'/proc/{pid}/root'))
          except OSError as error:
              seen[pid] = error.strerror
      print(json.dumps(seen))
    `;
    const { stdout } = succeeded(await run(target(), 'python', text));
    const own = Object.values(JSON.parse(stdout) as Record<string, string[] | string>);
    assert(own.length <= 3, stdout);
    for (const root of own) assert(root === 'Permission denied' || root.includes('workspace'), stdout);
  });

  it('cannot be written: programs, devices, settings of the kernel, the root', async () => {
    const paths = [
      '/usr/bin/planted',
      '/etc/passwd',
      '/dev/planted',
      '/planted',
      '/proc/sys/kernel/hostname',
      '/usr/lib/os-release',
    ];
    const text = code`
      import sys
      for path in sys.argv[1:]:
          try:
              open(path, 'a').write('planted')
              print(path)
          except OSError as error:
              print(type(error).__name__)
    `;
    const { stdout } = succeeded(await run(target(), 'python', text, { args: paths }));
    assert.match(stdout, /^((OSError|PermissionError)\n){6}$/);
  });

  it('are no longer within reach by a file that the program holds open', async () => {
    const text = code`
      import os
      print(sorted(os.readlink(f'/proc/self/fd/{fd}').split(':')[0] for fd in os.listdir('/proc/self/fd') if fd != '3'))
    `;
    const { stdout } = succeeded(await run(target(), 'python', text));
    assert.match(stdout, /^\['\/dev\/null', '[^']*(pipe|deleted)[^']*', '[^']*(pipe|deleted)[^']*'\]\n$/);
  });
});

describe('the local sandbox: what is secret', () => {
  const canary = 'canary-7f3a';
  const target = targetOf(async () => {
    process.env['OFFLOAD_CANARY'] = canary;
    try {
      return await localTarget({ runtime: canary });
    } finally {
      delete process.env['OFFLOAD_CANARY'];
    }
  });

  it("is not to be found by a program: the token, the server's arguments and variables, other runs", async () => {
    const other = await startedRun(target(), 'bash', 'echo "$SECRET" > secret; echo started; sleep 60', {
      env: { SECRET: canary },
      args: [canary],
      stdin: { text: canary },
    });
    try {
      const token = readFileSync(join(target().folders.runtime, 'token'), 'utf8').trim();
      const text = code`
        import os, stat, sys
        wanted = [bytes.fromhex(line) for line in sys.stdin.read().split()]
        found = []
        open('/tmp/control', 'wb').write(b''.join(wanted))
        def look(path):
            try:
                if not stat.S_ISREG(os.stat(path).st_mode):
                    return
                with open(path, 'rb') as file:
                    data = file.read(1 << 22)
            except OSError:
                return
            found.extend(path for each in wanted if each in data)
        for top in '/proc', '/etc', '/tmp', '/dev', '/home', '/workspace':
            for folder, folders, files in os.walk(top):
                folders[:] = [each for each in folders if each not in ('map_files', 'task', 'fd', 'certs')]
                for name in files:
                    if name not in ('kmsg', 'kcore', 'mem', 'clear_refs', 'pagemap'):
                        look(os.path.join(folder, name))
        print(found)
      `;
      // In hexadecimal, so that the search does not find its own words.
      const stdin = { text: [canary, token].map((text) => Buffer.from(text).toString('hex')).join('\n') };
      const { stdout } = succeeded(await run(target(), 'python', text, { stdin }));
      // The search finds what is there to be found.
      assert.equal(stdout, "['/tmp/control', '/tmp/control']\n");
    } finally {
      await target().sandbox.cancel(other.runId);
    }
  });

  it("is not to be read off the process list of the host: a run's variables and its input", async () => {
    const secret = 'secret-91c4';
    const other = await startedRun(target(), 'bash', 'echo started; sleep 60', {
      env: { SECRET: secret },
      stdin: { text: secret },
    });
    try {
      const lines = readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => {
          try {
            return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
          } catch {
            return '';
          }
        });
      assert(lines.some((line) => line.includes('bwrap')));
      assert(!lines.some((line) => line.includes(secret)));
    } finally {
      await target().sandbox.cancel(other.runId);
    }
  });

  it("of the starter's variables is not even passed on to the server", () => {
    const variables = readFileSync(`/proc/${String(target().pid)}/environ`, 'utf8');
    assert(variables.includes('PATH='));
    assert(!variables.includes(canary));
  });

  it('is not in the log of the server', () => {
    assert(!readFileSync(join(target().folders.state, 'server.log'), 'utf8').includes(canary));
  });
});
