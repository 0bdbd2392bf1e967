import assert from 'node:assert/strict';
import { code } from '../../support/target/code.ts';
import { run, succeeded } from '../../support/target/run.ts';
import { kernelEscapes } from '../escape/kernel.ts';
import { describeLocal } from './describe-local.ts';

describeLocal("the kernel's doors", (target) => {
  const lines = async (text: string): Promise<string[]> =>
    succeeded(await run(target(), 'python', text))
      .stdout.trim()
      .split('\n');

  kernelEscapes(target);

  it('have no rights behind them, now or by a program that lends some', async () => {
    const text = code`
      import os, re
      status = open('/proc/self/status').read()
      wanted = 'Uid', 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp'
      for name in wanted:
          print(name, *re.search(rf'^{name}:\s+(.*)$', status, re.M).group(1).split())
    `;
    const none = '0000000000000000';
    assert.deepEqual(await lines(text), [
      'Uid 1000 1000 1000 1000',
      ...['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => `${name} ${none}`),
      'NoNewPrivs 1',
      'Seccomp 2',
    ]);
  });

  it('keep the limits that were asked for, which cannot be raised', async () => {
    const text = code`
      import resource
      for name in 'NPROC', 'CPU', 'FSIZE', 'NOFILE', 'AS':
          which = getattr(resource, f'RLIMIT_{name}')
          hard = resource.getrlimit(which)[1]
          print(name, hard)
          try:
              resource.setrlimit(which, (hard + 1, hard + 1))
              print('raised')
          except (ValueError, OSError):
              pass
    `;
    const limits = {
      processes: 99,
      cpuSeconds: 88,
      fileBytes: 7 << 20,
      openFiles: 66,
      memoryBytes: 555 << 20,
    };
    const { stdout } = succeeded(await run(target(), 'python', text, { limits }));
    const hard = ['NPROC 99', 'CPU 89', 'FSIZE 7340032', 'NOFILE 66', 'AS 581959680'];
    assert.deepEqual(stdout.trim().split('\n'), hard);
  });
});
