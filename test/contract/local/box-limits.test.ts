import assert from 'node:assert/strict';
import type { BoxSpec } from '../../../backend/src/isolation/box.ts';
import { effectiveLimits } from '../../../src/protocol/limits.ts';
import { code } from '../../support/target/code.ts';
import { ownBoxes, textOf } from '../../support/target/own-boxes.ts';

/** Hard limits, and the soft one of the processor time; and the program's arguments. */
const SHOW = code`
  import resource, sys
  for name in 'NPROC', 'CPU', 'FSIZE', 'NOFILE', 'AS', 'DATA', 'CORE':
      print(name, *resource.getrlimit(getattr(resource, f'RLIMIT_{name}')))
  print(sys.argv[1:])
`;
const LIMITS = { processes: 99, cpuSeconds: 88, fileBytes: 7 << 20, openFiles: 66, memoryBytes: 555 << 20 };

describe('the limits of a box', () => {
  for (const [by, dash] of [
    ["Debian's shell", true],
    ['prlimit, where that is not there', false],
  ] as const) {
    it(`are set by ${by}`, async () => {
      const own = ownBoxes({ dash });
      try {
        const shown = async (memoryLimit: BoxSpec['memoryLimit']): Promise<string[]> => {
          const argv = ['/usr/bin/python3', '-c', SHOW, '', `'"$x`, '--'];
          const box = await own.start(argv, { limits: effectiveLimits(LIMITS), memoryLimit });
          const [out, err, exit] = await Promise.all([textOf(box.stdout), textOf(box.stderr), box.exited]);
          assert.deepEqual([exit.exitCode, err], [0, '']);
          return out.trim().split('\n');
        };
        const common = ['NPROC 99 99', 'CPU 88 89', 'FSIZE 7340032 7340032', 'NOFILE 66 66'];
        const [memory, none] = ['581959680 581959680', '-1 -1'];
        const args = String.raw`['', '\'"$x', '--']`;
        assert.deepEqual(await shown('as'), [...common, `AS ${memory}`, `DATA ${none}`, 'CORE 0 0', args]);
        assert.deepEqual(await shown('data'), [...common, `AS ${none}`, `DATA ${memory}`, 'CORE 0 0', args]);
      } finally {
        await own.dispose();
      }
    });
  }
});
