import type { ModelAccess } from '../../../src/protocol/access.ts';
import type { RunRequest } from '../../../src/protocol/request.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import type { Gates, RunGate } from '../network/gates.ts';
import { modelAddress } from '../relay/model-address.ts';
import type { RunLife } from './run-life.ts';

/**
 * Opens the way of a run's boxes to the network; what it refuses the user is told. Undefined where the network is closed,
 * or boxes have it by themselves.
 * @param access how the model is reached, which is the relay's to do
 */
export async function openGate(
  { gates }: { gates?: Gates | undefined },
  { kind, network }: RunRequest | TaskRequest,
  life: RunLife,
  access?: ModelAccess,
): Promise<RunGate | undefined> {
  return gates?.open({
    network,
    setting: kind === 'run' ? 'offload.network' : 'offload.task.network',
    model: access && modelAddress(access),
    onRefused: (message) => {
      void life.appendFast({ type: 'notice', code: 'network-refused', message });
    },
  });
}
