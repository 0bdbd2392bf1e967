import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { installation } from '../../support/cli/installation.ts';
import type { Ended } from '../../support/cli/started.ts';

const MIB = 1024 * 1024;
const NOBODY = `r_${'0'.repeat(32)}`;

describe('offload refuses', () => {
  const cli = installation();
  before(() => {
    cli().file('a.py', 'print(1)');
    cli().file('b.unknown', '');
    cli().file('big.py', Buffer.alloc(50 * MIB, '#'));
    cli().file('other/a.py', 'print(2)');
    cli().file('cli.js', '');
    mkdirSync(join(cli().work, 'folder.py'));
  });

  const assertRefused = (ended: Ended, why: RegExp): void => {
    assert.deepEqual([ended.code, ended.stdout], [2, ''], ended.stderr);
    assert.match(ended.stderr, /^offload: [\x20-\x7e]+\n$/);
    assert.match(ended.stderr, why);
  };
  const cases: [name: string, args: string[], why: RegExp][] = [
    ['a file that is not there', ['run', 'none.py'], /none\.py.*no such file/],
    ['a folder', ['run', 'folder.py'], /folder\.py is not a file/],
    ['an ending that says no language', ['run', 'b.unknown'], /b\.unknown.*--language.*python/],
    ['a language that is unknown', ['run', '--language', 'cobol', 'a.py'], /"cobol".*python/],
    ['standard input without a language', ['run', '-'], /--language.*python/],
    ['no file', ['run', '--json'], /takes a file/],
    ['a timeout that is no number', ['run', '--timeout', 'soon', 'a.py'], /--timeout.*1 to 86400.*"soon"/],
    ['a timeout of nothing', ['run', '--timeout', '0', 'a.py'], /--timeout.*1 to 86400.*"0"/],
    ['a timeout that is negative', ['run', '--timeout=-1', 'a.py'], /--timeout.*"-1"/],
    ['too little memory', ['run', '--memory', '1', 'a.py'], /--memory.*32 to/],
    ['too much output', ['run', '--output', '99999', 'a.py'], /--output.*1 to 16384/],
    ['an option that is unknown', ['run', '--bogus', 'a.py'], /'--bogus'/],
    ['an option without its value', ['run', '--timeout'], /--timeout.*missing/],
    ['a program of 50 MB', ['run', 'big.py'], /50 MB; 8 MB can be sent/],
    ['a further file that is not there', ['run', '--file', 'none', 'a.py'], /none.*no such file/],
    ['a further file that is a folder', ['run', '--file', 'other', 'a.py'], /other is not a file/],
    ['two files in one place', ['run', '--file', '../d/cli.js', '--file', 'cli.js', 'a.py'], /cli\.js.*both/],
    ['input that is not there', ['run', '--stdin', 'none', 'a.py'], /none.*no such file/],
    ['input that is a folder', ['run', '--stdin', 'other', 'a.py'], /other.*a folder/],
    ['input without an end', ['run', '--stdin', '/dev/zero', 'a.py'], /zero.*64 MB can be sent/],
    ['a program and input that are one', ['run', '--language', 'bash', '--stdin', '-', '-'], /both/],
    ['a variable without a value', ['run', '--env', 'A', 'a.py'], /NAME=VALUE.*"A"/],
    ['an interpreter that is not there', ['run', '--interpreter', 'none', 'a.py'], /none is not a program/],
    ['an interpreter that is no program', ['run', '--interpreter', 'a.py', 'a.py'], /a\.py is not a program/],
    ['a folder for results that is a file', ['run', '--out', 'a.py', 'a.py'], /a\.py.*--out/],
    ['a folder for results below a file', ['run', '--out', 'a.py/x', 'a.py'], /a\.py.*--out/],
    ['a command that is unknown', ['wat'], /"wat".*--help/],
    [
      'a name that would command the terminal',
      ['run', 'a\n\x1b[31m\u202e.py'],
      /a\\n\\u\{1b\}\[31m\\u\{202e\}\.py/,
    ],
    ['to follow no run', ['attach'], /the id of one run/],
    ['to follow two runs', ['attach', NOBODY, NOBODY], /the id of one run/],
    ['to follow what is no id', ['attach', '../../x'], /"\.\.\/\.\.\/x" is not the id/],
    ['to follow a run that is unknown', ['attach', NOBODY], /no run r_0+\b.*offload runs/],
    ['to follow from what is no number', ['attach', '--after', '1.5', NOBODY], /--after.*"1\.5"/],
    ['to cancel what is no id', ['cancel', 'R'], /"R" is not the id/],
    ['to cancel a run that is unknown', ['cancel', NOBODY], /no run r_0+\b/],
    ['arguments that nobody asked for', ['runs', 'x'], /'x'/],
    ['arguments that nobody asked for, of the doctor', ['doctor', 'x'], /'x'/],
  ];
  for (const [name, args, why] of cases) {
    it(name, async () => {
      assertRefused(await cli().run(args), why);
    });
  }

  const programs: [name: string, input: string | Buffer, why: RegExp][] = [
    ['that is empty', '', /no program/],
    ['of blanks', ' \n\t\n', /no program/],
    ['of 50 MB', Buffer.alloc(50 * MIB, '#'), /8 MB can be sent/],
    ['that is not UTF-8', Buffer.from([0x70, 0xff]), /not UTF-8/],
  ];
  for (const [name, input, why] of programs) {
    it(`a program on standard input ${name}`, async () => {
      assertRefused(await cli().run(['run', '--language', 'python', '-'], { input }), why);
    });
  }

  it('and none of these became a run', async () => {
    assert.deepEqual(await cli().run(['runs']), { code: 0, stdout: '', bytes: Buffer.alloc(0), stderr: '' });
    assert.equal((await cli().run(['run', 'a.py'])).code, 0);
    assert.equal((await cli().run(['runs'])).stdout.split('\n').length, 2);
  });
});
