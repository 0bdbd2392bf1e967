import * as z from 'zod/mini';
import { OffloadError } from '../../protocol/error.ts';
import { ARCHITECTURES } from './architecture.ts';
import { DEFAULT_STACK, STACK_NAME } from './deployment.ts';

const whole = (min: number, max: number) => z.optional(z.int().check(z.gte(min), z.lte(max)));

/** How a backend is deployed. What is absent stays as the stack has it, and is the template's default in a new one. */
const optionsSchema = z.object({
  stack: z._default(
    z.string().check(z.regex(STACK_NAME, 'takes small letters, digits and hyphens, 38 at most')),
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
 * The options with what the network of a stack comes to: subnets that are closed have no way out, so that an open network
 * leaves them where no others are named; and without subnets there are no security groups.
 * @param kept the parameters that the stack has
 * @throws OffloadError `bad-setting` for subnets without security groups, the other way round, and a closed network without
 */
export function withNetwork(
  options: BackendOptions,
  kept: Readonly<Record<string, string>> = {},
): BackendOptions {
  const opened = options.network === 'open' && kept['RunNetwork'] === 'closed';
  const subnets = options.subnets ?? (opened ? [] : undefined);
  const alone = subnets?.length === 0 && options.securityGroups === undefined;
  const settled = {
    ...options,
    ...(subnets === undefined ? {} : { subnets }),
    ...(alone ? { securityGroups: [] } : {}),
  };
  checkNetwork({ ...kept, ...parametersOf(settled) });
  return settled;
}

function checkNetwork(parameters: Readonly<Record<string, string>>): void {
  const missing = [
    ['VpcSubnets', 'subnets', '--subnet'],
    ['VpcSecurityGroups', 'security groups', '--security-group'],
  ].filter(([name = '']) => (parameters[name] ?? '') === '');
  const [first] = missing;
  if (first === undefined) return;
  const [, what = '', option = ''] = first;
  if (parameters['RunNetwork'] === 'closed') {
    throw new OffloadError('bad-setting', `A backend that is closed to the network needs ${what}.`, {
      fix: 'docs/closed-network.md says how to make them.',
    });
  }
  if (missing.length === 2) return;
  throw new OffloadError('bad-setting', `Runs in a network of yours need ${what}, too.`, {
    fix: `Name them with ${option}, or neither: "--subnet none" takes runs out of your network.`,
  });
}
