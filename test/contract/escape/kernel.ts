import assert from 'node:assert/strict';
import { code } from '../../support/target/code.ts';
import { run, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';

/** Numbers of asm/unistd_64.h and asm-generic/unistd.h, written down here once more: a wrong one is a hole. */
const CALLS = {
  x64: {
    ptrace: 101,
    mount: 165,
    umount2: 166,
    pivot_root: 155,
    chroot: 161,
    unshare: 272,
    setns: 308,
    keyctl: 250,
    add_key: 248,
    bpf: 321,
    perf_event_open: 298,
    userfaultfd: 323,
    io_uring_setup: 425,
    process_vm_readv: 310,
    pidfd_getfd: 438,
    open_by_handle_at: 304,
    move_mount: 429,
    fsopen: 430,
    kexec_load: 246,
    init_module: 175,
    syslog: 103,
    clock_settime: 227,
    swapon: 167,
    iopl: 172,
  },
  arm64: {
    ptrace: 117,
    mount: 40,
    umount2: 39,
    pivot_root: 41,
    chroot: 51,
    unshare: 97,
    setns: 268,
    keyctl: 219,
    add_key: 217,
    bpf: 280,
    perf_event_open: 241,
    userfaultfd: 282,
    io_uring_setup: 425,
    process_vm_readv: 270,
    pidfd_getfd: 438,
    open_by_handle_at: 265,
    move_mount: 429,
    fsopen: 430,
    kexec_load: 104,
    init_module: 105,
    syslog: 116,
    clock_settime: 112,
    swapon: 224,
  },
}[process.arch as 'x64' | 'arm64'];

/** What the kernel offers to a program of a box. */
export const kernelEscapes = (target: () => Target): void => {
  const lines = async (text: string, args: string[] = []): Promise<string[]> =>
    succeeded(await run(target(), 'python', text, { args }))
      .stdout.trim()
      .split('\n');

  it('are closed, each of them', async () => {
    const text = code`
      import ctypes, json, os, sys
      libc = ctypes.CDLL(None, use_errno=True)
      for name, number in json.loads(sys.argv[1]).items():
          ctypes.set_errno(0)
          result = libc.syscall(number, 0, 0, 0, 0, 0, 0)
          print(name, result, os.strerror(ctypes.get_errno()))
    `;
    assert.deepEqual(
      await lines(text, [JSON.stringify(CALLS)]),
      Object.keys(CALLS).map((name) => `${name} -1 Operation not permitted`),
    );
  });

  it('are closed under their x32 numbers', async function () {
    if (process.arch !== 'x64') return;
    const text = code`
      import ctypes, os
      libc = ctypes.CDLL(None, use_errno=True)
      print(libc.syscall(0x40000000 | 39), os.strerror(ctypes.get_errno()))
    `;
    const { stdout, end } = await run(target(), 'python', text);
    // Engines' own filters end whoever tries.
    if (end.type === 'completed' && end.signal === 'SIGSYS') assert.equal(stdout, '');
    else assert.equal(stdout, '-1 Operation not permitted\n');
  });

  it('make no namespaces, which would bring rights back', async function () {
    if (process.arch !== 'x64') return;
    const text = code`
      import ctypes, os, struct
      libc = ctypes.CDLL(None, use_errno=True)
      def attempt(pid):
          if pid == 0:
              os._exit(0)
          print('made' if pid > 0 else 'refused')
      for flag in 0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000, 0x04000000, 0x02000000:
          attempt(libc.syscall(56, flag | 17, 0, 0, 0, 0))
          arguments = ctypes.create_string_buffer(struct.pack('8Q', flag, 0, 0, 0, 17, 0, 0, 0))
          attempt(libc.syscall(435, arguments, len(arguments) - 1))
    `;
    assert.deepEqual(
      await lines(text),
      Array.from({ length: 14 }, () => 'refused'),
    );
  });

  it('show no process but those of the box, and a signal to all reaches no other', async () => {
    const text = code`
      import os, signal
      print(len([name for name in os.listdir('/proc') if name.isdigit()]) <= 3)
      if os.fork() == 0:
          os.kill(-1, signal.SIGKILL)
      os.wait()
    `;
    const outcome = await run(target(), 'python', text);
    assert.equal(outcome.stdout, 'True\n');
    assert.partialDeepStrictEqual(outcome.end, { type: 'completed', signal: 'SIGKILL' });
    succeeded(await run(target(), 'bash', 'true'));
  });

  it('lead to no terminal', async () => {
    const text = code`
      import fcntl, os, termios
      for path in '/dev/tty', '/dev/console', '/dev/tty0':
          try:
              fcntl.ioctl(os.open(path, os.O_RDWR), termios.TIOCSTI, b'x')
              print('typed')
          except OSError as error:
              print(type(error).__name__)
    `;
    assert.doesNotMatch((await lines(text)).join(), /typed/);
  });
};
