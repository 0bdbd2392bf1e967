import assert from 'node:assert/strict';
import { code } from '../../support/target/code.ts';
import { failure, run, succeeded, type Outcome } from '../../support/target/run.ts';
import { describeLocal } from './describe-local.ts';

const MIB = 1024 * 1024;

describeLocal('memory that no process seems to have', (target) => {
  const eat = (text: string, memoryBytes = 128 * MIB): Promise<Outcome> =>
    run(target(), 'python', text, { limits: { memoryBytes } });

  for (const folder of ['/tmp', '/dev/shm', '/home/user']) {
    it(`counts in files in ${folder}`, async () => {
      const text = code`
        import time
        with open('${folder}/file', 'wb', buffering=0) as file:
            for _ in range(200):
                file.write(bytes(1 << 20))
        time.sleep(60)
      `;
      assert.equal(failure(await eat(text)), 'memory-limit');
    });
  }

  it('counts in a million files of nothing', async () => {
    const text = code`
      import os
      for i in range(1_000_000):
          os.close(os.open(f'/tmp/{i}', os.O_CREAT))
    `;
    assert.equal(failure(await eat(text)), 'memory-limit');
  });

  it('is bounded in each folder, whatever the limit', async () => {
    const text = code`
      import os
      for folder in '/tmp', '/dev/shm', os.environ['HOME']:
          name = f'{folder}/file'
          size = 0
          try:
              with open(name, 'wb', buffering=0) as file:
                  while True:
                      size += file.write(bytes(1 << 20))
          except OSError as error:
              print(folder, size >> 20, error.strerror)
          os.remove(name)
    `;
    const full = 'No space left on device';
    assert.equal(
      succeeded(await eat(text, 2048 * MIB)).stdout,
      `/tmp 512 ${full}\n/dev/shm 256 ${full}\n/home/user 256 ${full}\n`,
    );
  });

  it('counts once when it is mapped as well', async () => {
    const text = code`
      import mmap, os, time
      with open('/dev/shm/file', 'w+b') as file:
          file.truncate(80 << 20)
          with mmap.mmap(file.fileno(), 80 << 20) as area:
              for at in range(0, 80 << 20, 4096):
                  area[at] = 1
              time.sleep(0.5)
      print('mapped')
    `;
    assert.equal(succeeded(await eat(text)).stdout, 'mapped\n');
  });

  it('counts when it is shared and mapped without a file', async () => {
    const text = code`
      import mmap, os, time
      for _ in range(6):
          if os.fork() == 0:
              area = mmap.mmap(-1, 40 << 20)
              for _ in range(40):
                  area.write(bytes(1 << 20))
              time.sleep(60)
      time.sleep(60)
    `;
    assert.equal(failure(await eat(text)), 'memory-limit');
  });

  it('is not to be had where it could not be counted', async () => {
    const text = code`
      import ctypes, os
      libc = ctypes.CDLL(None, use_errno=True)
      try:
          os.memfd_create('memory')
      except OSError as error:
          print(error.strerror)
      print(libc.shmget(0, 1 << 20, 0o1600), os.strerror(ctypes.get_errno()))
    `;
    const missing = 'Function not implemented';
    assert.equal(succeeded(await eat(text)).stdout, `${missing}\n-1 ${missing}\n`);
  });
});
