/**
 * A seccomp filter for the box, as the classic BPF program that bubblewrap loads (`--seccomp FD`; struct sock_filter in
 * linux/filter.h). It refuses the kernel's doors that a sandboxed program has no use for, so that a bug behind one of
 * them is out of reach. What is refused gives EPERM, as if the feature were not permitted; a program built for another
 * architecture is killed, since its system calls have other numbers.
 */

type Architecture = 'x64' | 'arm64';

interface SystemCalls {
  /** AUDIT_ARCH_* of linux/audit.h. */
  audit: number;
  socket: number;
  refused: Record<string, number>;
  missing: Record<string, number>;
}

/** Numbers from the kernel's asm/unistd_64.h (x64) and asm-generic/unistd.h (arm64). */
const GENERIC = {
  kexec_file_load: { x64: 320, arm64: 294 },
  kexec_load: { x64: 246, arm64: 104 },
  init_module: { x64: 175, arm64: 105 },
  finit_module: { x64: 313, arm64: 273 },
  delete_module: { x64: 176, arm64: 106 },
  ptrace: { x64: 101, arm64: 117 },
  process_vm_readv: { x64: 310, arm64: 270 },
  process_vm_writev: { x64: 311, arm64: 271 },
  process_madvise: { x64: 440, arm64: 440 },
  pidfd_getfd: { x64: 438, arm64: 438 },
  kcmp: { x64: 312, arm64: 272 },
  mount: { x64: 165, arm64: 40 },
  umount2: { x64: 166, arm64: 39 },
  pivot_root: { x64: 155, arm64: 41 },
  chroot: { x64: 161, arm64: 51 },
  open_tree: { x64: 428, arm64: 428 },
  move_mount: { x64: 429, arm64: 429 },
  fsopen: { x64: 430, arm64: 430 },
  fsconfig: { x64: 431, arm64: 431 },
  fsmount: { x64: 432, arm64: 432 },
  fspick: { x64: 433, arm64: 433 },
  mount_setattr: { x64: 442, arm64: 442 },
  unshare: { x64: 272, arm64: 97 },
  setns: { x64: 308, arm64: 268 },
  keyctl: { x64: 250, arm64: 219 },
  add_key: { x64: 248, arm64: 217 },
  request_key: { x64: 249, arm64: 218 },
  bpf: { x64: 321, arm64: 280 },
  perf_event_open: { x64: 298, arm64: 241 },
  userfaultfd: { x64: 323, arm64: 282 },
  io_uring_setup: { x64: 425, arm64: 425 },
  io_uring_enter: { x64: 426, arm64: 426 },
  io_uring_register: { x64: 427, arm64: 427 },
  fanotify_init: { x64: 300, arm64: 262 },
  open_by_handle_at: { x64: 304, arm64: 265 },
  name_to_handle_at: { x64: 303, arm64: 264 },
  lookup_dcookie: { x64: 212, arm64: 18 },
  quotactl: { x64: 179, arm64: 60 },
  acct: { x64: 163, arm64: 89 },
  swapon: { x64: 167, arm64: 224 },
  swapoff: { x64: 168, arm64: 225 },
  reboot: { x64: 169, arm64: 142 },
  settimeofday: { x64: 164, arm64: 170 },
  clock_settime: { x64: 227, arm64: 112 },
  clock_adjtime: { x64: 305, arm64: 266 },
  adjtimex: { x64: 159, arm64: 171 },
  syslog: { x64: 103, arm64: 116 },
  vhangup: { x64: 153, arm64: 58 },
} as const;

/**
 * Memory that no process shows to hold: it would escape the memory limit. What is refused here gives ENOSYS, as if the
 * kernel did not have it, upon which programs take /dev/shm.
 */
const UNCOUNTED = {
  memfd_create: { x64: 319, arm64: 279 },
  memfd_secret: { x64: 447, arm64: 447 },
  shmget: { x64: 29, arm64: 194 },
} as const;

/** Doors that only x64 has. */
const X64_ONLY = { iopl: 172, ioperm: 173, modify_ldt: 154, uselib: 134, _sysctl: 156, nfsservctl: 180 };

function systemCalls(architecture: Architecture): SystemCalls {
  const numbersOf = (table: Record<string, Record<Architecture, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(table).map(([name, numbers]) => [name, numbers[architecture]]));
  const refused = numbersOf(GENERIC);
  const missing = numbersOf(UNCOUNTED);
  return architecture === 'x64'
    ? { audit: 0xc000003e, socket: 41, refused: { ...refused, ...X64_ONLY }, missing }
    : { audit: 0xc00000b7, socket: 198, refused, missing };
}

/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: families that the box's own network namespace holds. */
export const SOCKET_FAMILIES: readonly number[] = [1, 2, 10, 16];

/** The names of all that is refused: calls that lead to what the kernel keeps for others, or that few programs need. */
export const REFUSED_CALLS: readonly string[] = [...Object.keys(GENERIC), ...Object.keys(X64_ONLY)];

// linux/bpf_common.h and linux/seccomp.h
const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_EQUAL = 0x35;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
// struct seccomp_data: the call's number, the architecture, the low half of the first argument (little endian)
const NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;
/** Numbers from here on are x32 calls: the same kernel entry under another name. */
const X32_BIT = 0x40000000;

type Instruction = [code: number, ifTrue: number, ifFalse: number, value: number];

/** The filter's bytes, or undefined for an architecture that has none. */
export function seccompFilter(architecture: string): Buffer | undefined {
  if (architecture !== 'x64' && architecture !== 'arm64') return undefined;
  const calls = systemCalls(architecture);
  const program: Instruction[] = [
    [LOAD_WORD, 0, 0, ARCHITECTURE],
    [JUMP_EQUAL, 1, 0, calls.audit],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD_WORD, 0, 0, NUMBER],
    [JUMP_GREATER_EQUAL, 0, 1, X32_BIT],
    [RETURN, 0, 0, EPERM],
  ];
  const give = (numbers: Record<string, number>, answer: number): void => {
    for (const number of Object.values(numbers))
      program.push([JUMP_EQUAL, 0, 1, number], [RETURN, 0, 0, answer]);
  };
  give(calls.refused, EPERM);
  give(calls.missing, ENOSYS);
  program.push([JUMP_EQUAL, 0, SOCKET_FAMILIES.length + 2, calls.socket], [LOAD_WORD, 0, 0, FIRST_ARGUMENT]);
  SOCKET_FAMILIES.forEach((family, index) => {
    program.push([JUMP_EQUAL, SOCKET_FAMILIES.length - index, 0, family]);
  });
  program.push([RETURN, 0, 0, EPERM], [RETURN, 0, 0, ALLOW]);
  return assemble(program);
}

function assemble(program: Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, ifTrue, ifFalse, value], index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  });
  return bytes;
}
