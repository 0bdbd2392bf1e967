import assert from 'node:assert/strict';
import { seccompFilter } from '../../../backend/src/isolation/seccomp.ts';

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 0x00050000 + 1;
const ENOSYS = 0x00050000 + 38;

interface Call {
  architecture: number;
  number: number;
  argument?: number;
}

/** Runs a classic BPF program over a system call as the kernel does (linux/filter.h, struct seccomp_data). */
function evaluate(program: Buffer, { architecture, number, argument = 0 }: Call): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(architecture, 4);
  data.writeUInt32LE(argument, 16);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const code = program.readUInt16LE(at);
    const [ifTrue, ifFalse] = [program.readUInt8(at + 2), program.readUInt8(at + 3)];
    const value = program.readUInt32LE(at + 4);
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    else if (code === 0x06) return value;
    else if (code === 0x15) at += 8 * (accumulator === value ? ifTrue : ifFalse);
    else if (code === 0x35) at += 8 * (accumulator >= value ? ifTrue : ifFalse);
    else throw new Error(`There is no instruction ${String(code)}.`);
  }
  throw new Error('The program has no end.');
}

const ARCHITECTURES = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
/** Calls that no program can do without, and such as must not get through, by the kernel's own tables. */
const NUMBERS = {
  x64: {
    allowed: {
      read: 0,
      write: 1,
      open: 2,
      mmap: 9,
      clone: 56,
      fork: 57,
      execve: 59,
      exit: 60,
      openat: 257,
      clone3: 435,
      futex: 202,
      getrandom: 318,
    },
    refused: {
      ptrace: 101,
      mount: 165,
      umount2: 166,
      unshare: 272,
      setns: 308,
      keyctl: 250,
      bpf: 321,
      perf_event_open: 298,
      userfaultfd: 323,
      io_uring_setup: 425,
      io_uring_enter: 426,
      chroot: 161,
      pivot_root: 155,
      kexec_load: 246,
      init_module: 175,
      open_by_handle_at: 304,
      process_vm_writev: 311,
      pidfd_getfd: 438,
      fsopen: 430,
      move_mount: 429,
      syslog: 103,
      iopl: 172,
      ioperm: 173,
      modify_ldt: 154,
    },
    missing: { memfd_create: 319, shmget: 29, memfd_secret: 447 },
    socket: 41,
  },
  arm64: {
    allowed: {
      read: 63,
      write: 64,
      openat: 56,
      mmap: 222,
      clone: 220,
      execve: 221,
      exit: 93,
      futex: 98,
      getrandom: 278,
    },
    refused: {
      ptrace: 117,
      mount: 40,
      umount2: 39,
      unshare: 97,
      setns: 268,
      keyctl: 219,
      bpf: 280,
      perf_event_open: 241,
      userfaultfd: 282,
      io_uring_setup: 425,
      io_uring_enter: 426,
      chroot: 51,
      pivot_root: 41,
      kexec_load: 104,
      init_module: 105,
      open_by_handle_at: 265,
      process_vm_writev: 271,
      pidfd_getfd: 438,
      fsopen: 430,
      move_mount: 429,
      syslog: 116,
    },
    missing: { memfd_create: 279, shmget: 194, memfd_secret: 447 },
    socket: 198,
  },
} as const;

describe('the seccomp filter', () => {
  for (const name of ['x64', 'arm64'] as const) {
    const program = seccompFilter(name) ?? Buffer.alloc(0);
    const architecture = ARCHITECTURES[name];
    const { allowed, refused, missing, socket } = NUMBERS[name];
    const answer = (number: number, argument?: number): number =>
      evaluate(program, { architecture, number, ...(argument === undefined ? {} : { argument }) });

    describe(`for ${name}`, () => {
      it('lets through what programs live on', () => {
        for (const [call, number] of Object.entries(allowed)) assert.equal(answer(number), ALLOW, call);
      });

      it('refuses the doors', () => {
        for (const [call, number] of Object.entries(refused)) assert.equal(answer(number), EPERM, call);
      });

      it('does not have the memory that nothing counts', () => {
        for (const [call, number] of Object.entries(missing)) assert.equal(answer(number), ENOSYS, call);
      });

      it('gives sockets of the families that its own network holds, and no others', () => {
        for (let family = 0; family < 64; family++)
          assert.equal(
            answer(socket, family),
            [1, 2, 10, 16].includes(family) ? ALLOW : EPERM,
            String(family),
          );
      });

      it('kills a program of another architecture', () => {
        for (const other of [...Object.values(ARCHITECTURES), 0x40000003, 0x40000028, 0].filter(
          (a) => a !== architecture,
        ))
          for (const number of [0, 1, 101, 165])
            assert.equal(evaluate(program, { architecture: other, number }), KILL);
      });

      it('refuses every call by its x32 number', () => {
        for (const number of [0, 1, 59, 101, 512, 547]) assert.equal(answer(0x40000000 + number), EPERM);
        assert.equal(answer(0xffffffff), EPERM);
      });

      it('has an answer to every number', () => {
        for (let number = 0; number < 1024; number++) assert([ALLOW, EPERM, ENOSYS].includes(answer(number)));
      });

      it('is one that the kernel takes: whole instructions, at most 4096, jumps inside', () => {
        assert.equal(program.length % 8, 0);
        const count = program.length / 8;
        assert(count > 0 && count <= 4096);
        for (let i = 0; i < count; i++) {
          if ((program.readUInt16LE(i * 8) & 7) !== 5) continue;
          assert(i + 1 + Math.max(program.readUInt8(i * 8 + 2), program.readUInt8(i * 8 + 3)) < count);
        }
      });
    });
  }

  it('is not there for other architectures', () => {
    assert.equal(seccompFilter('ia32'), undefined);
    assert.equal(seccompFilter('riscv64'), undefined);
  });
});
