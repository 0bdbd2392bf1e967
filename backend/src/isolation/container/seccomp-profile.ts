import { REFUSED_CALLS, SOCKET_FAMILIES } from '../seccomp.ts';

const EPERM = 1;
const ENOSYS = 38;

/** CLONE_NEW…: a namespace of one's own brings rights back. See clone(2), linux/sched.h. */
const NAMESPACE_FLAGS = [
  0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
];

/** AF_MAX of the kernels that there are, and more. */
const FAMILIES = 64;

interface Rule {
  names: string[];
  action: 'SCMP_ACT_ERRNO';
  errnoRet: number;
  args?: { index: number; value: number; valueTwo?: number; op: string }[];
}

/**
 * The seccomp profile of containers, in the form that engines read: the doors that boxes on this machine have closed too.
 * Engines' own profiles differ: podman's lets programs make user namespaces, and most let them reach a virtual machine's
 * host by a socket of the family vsock, which no network namespace holds.
 */
export function seccompProfile(): string {
  const refuse = (names: string[], errnoRet: number, args?: Rule['args']): Rule => ({
    names,
    action: 'SCMP_ACT_ERRNO',
    errnoRet,
    ...(args === undefined ? {} : { args }),
  });
  const families = Array.from({ length: FAMILIES }, (_, family) => family);
  const rules: Rule[] = [
    refuse([...REFUSED_CALLS], EPERM),
    // Its flags lie in memory, where no filter sees them: programs take clone when it is not there.
    refuse(['clone3'], ENOSYS),
    ...NAMESPACE_FLAGS.map((flag) =>
      refuse(['clone'], EPERM, [{ index: 0, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }]),
    ),
    ...families
      .filter((family) => !SOCKET_FAMILIES.includes(family))
      .map((family) => refuse(['socket'], EPERM, [{ index: 0, value: family, op: 'SCMP_CMP_EQ' }])),
    refuse(['socket'], EPERM, [{ index: 0, value: FAMILIES, op: 'SCMP_CMP_GE' }]),
  ];
  return JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: rules });
}
