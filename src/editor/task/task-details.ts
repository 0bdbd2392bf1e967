import { isOpen } from '../../protocol/network.ts';
import { networkDetail } from '../network-detail.ts';
import { counted, size } from '../counted.ts';
import { dollars } from '../model-usage.ts';
import type { ReadyAgent } from './agent-programs.ts';
import type { TaskOptions } from './options.ts';
import { roleName } from './role-choice.ts';
import type { Standing } from './standing.ts';
import type { Prepared } from './workspace-sender.ts';

/** What the heading of a task says beside its title. */
export function taskDetails({
  agent,
  options,
  prepared,
  standing,
  place,
}: {
  agent: Pick<ReadyAgent, 'name'>;
  options: TaskOptions;
  prepared: Pick<Prepared, 'files' | 'bytes'> | undefined;
  standing: readonly Pick<Standing, 'path'>[];
  /** Where it is, in words. */
  place: readonly string[];
}): string[] {
  const { model, budget, network, role } = options;
  return [
    agent.name,
    ...(model === undefined ? [] : [model]),
    ...place,
    ...(role === undefined
      ? [networkDetail(network)]
      : [
          `AWS role ${roleName(role.arn)} for ${role.purpose}`,
          isOpen(network)
            ? `${networkDetail(network)}${network === 'open' ? '' : ' and AWS'}`
            : 'network: AWS',
        ]),
    prepared === undefined ? 'no files' : `${counted(prepared.files, 'file')} (${size(prepared.bytes)})`,
    ...(budget.usd === undefined ? [] : [`at most ${dollars(budget.usd)}`]),
    ...standing.map(({ path }) => `told ${path}`),
  ];
}
