import * as z from 'zod/mini';
import { OffloadError } from '../../protocol/error.ts';
import { ARCHITECTURES } from './architecture.ts';
import { DEFAULT_STACK, STACK_NAME } from './deployment.ts';

const whole = (min: number, max: number) => z.optional(z.int().check(z.gte(min), z.lte(max)));

/** How a backend is deployed. What is absent stays as the stack has it, and is the template's default in a new one. */
const optionsSchema = z.object({
  stack: z._default(
    z.string().check(z.regex(STACK_NAME, 'takes small letters, digits and hyphens, 40 at most')),
    DEFAULT_STACK,
  ),
  architecture: z.optional(z.enum(ARCHITECTURES)),
  /** Megabytes of a run. */
  memory: whole(128, 10_240),
  /** Seconds that a run may take. */
  timeout: whole(15, 900),
  /** Megabytes of a run's disk. */
  storage: whole(512, 10_240),
  logDays: z.optional(z.literal([1, 3, 5, 7, 14, 30, 60, 90])),
  expireDays: whole(1, 3650),
  /** Subnets and security groups for runs; empty for none. */
  subnets: z.optional(z.array(z.string().check(z.regex(/^subnet-[0-9a-f]+$/)))),
  securityGroups: z.optional(z.array(z.string().check(z.regex(/^sg-[0-9a-f]+$/)))),
  /** Whether those subnets have no way out but to the backend's bucket. Each run tries that before it begins. */
  network: z.optional(z.enum(['open', 'closed'])),
});
export type BackendOptions = z.infer<typeof optionsSchema>;

/** @throws OffloadError `bad-setting` */
export function parseBackendOptions(options: unknown): BackendOptions {
  const parsed = optionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = issue?.path.join('.') ?? '';
  throw new OffloadError(
    'bad-setting',
    `The option ${name} of the backend is wrong: ${issue?.message ?? ''}.`,
    {
      fix: 'See "offload deploy --help" for what it takes.',
    },
  );
}

/** The template's parameters that options set. */
export function parametersOf(options: BackendOptions): Record<string, string> {
  const { architecture, memory, timeout, storage, logDays, expireDays, subnets, securityGroups, network } =
    options;
  const pairs: [string, string | number | undefined][] = [
    ['Architecture', architecture],
    ['RunnerMemory', memory],
    ['RunnerTimeout', timeout],
    ['RunnerStorage', storage],
    ['LogDays', logDays],
    ['ExpireDays', expireDays],
    ['VpcSubnets', subnets?.join(',')],
    ['VpcSecurityGroups', securityGroups?.join(',')],
    ['RunNetwork', network],
  ];
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const])),
  );
}

/**
 * A closed network is one of subnets of the user's: nothing else is closed.
 * @param kept the parameters that the stack has
 * @throws OffloadError `bad-setting`
 */
export function checkNetwork(options: BackendOptions, kept: Readonly<Record<string, string>> = {}): void {
  const parameters = { ...kept, ...parametersOf(options) };
  if (parameters['RunNetwork'] !== 'closed') return;
  for (const [name, what] of [
    ['VpcSubnets', 'subnets'],
    ['VpcSecurityGroups', 'security groups'],
  ] as const) {
    if ((parameters[name] ?? '') !== '') continue;
    throw new OffloadError('bad-setting', `A backend that is closed to the network needs ${what}.`, {
      fix: 'docs/closed-network.md says how to make them.',
    });
  }
}
