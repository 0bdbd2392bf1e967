import { removeDeployment, writeDeployment, type Deployment } from '../../../src/core/deploy/deployment.ts';
import { localFolders } from '../../../src/core/local/folders.ts';
import type { Target } from '../../../src/core/targets/target.ts';
import { MADE_UP_DEPLOYMENT } from '../../support/aws/deployment.ts';
import { setVariables } from '../../support/variables.ts';
import { deployedTarget, type DeployedTargetOptions } from '../../support/target/deployed-target.ts';

/** A backend that is deployed behind the tests' own endpoint, as this machine knows it, with credentials for it. */
export interface DeployedBackend {
  target: Extract<Target, { kind: 'lambda' }>;
  /** This machine forgets it; it is still there. */
  forget(): Promise<void>;
  /** This machine knows it again. */
  note(): Promise<void>;
  dispose(): Promise<void>;
}

export async function deployedBackend(
  context: Mocha.Context,
  options: DeployedTargetOptions = {},
): Promise<DeployedBackend> {
  const started = await deployedTarget(context, options);
  const { credentials, endpoint, region } = started.endpoint;
  const restore = setVariables({
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  const { state } = localFolders();
  const deployment: Deployment = {
    ...MADE_UP_DEPLOYMENT,
    ...{ region, controlFunction: started.control, runnerFunction: started.runner },
  };
  await writeDeployment(state, deployment);
  return {
    target: { kind: 'lambda', account: deployment.account, region, stack: deployment.stack },
    forget: () => removeDeployment(state, deployment),
    note: () => writeDeployment(state, deployment),
    dispose: async () => {
      restore();
      await removeDeployment(state, deployment);
      await started.dispose();
    },
  };
}
