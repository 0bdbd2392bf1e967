import { removeDeployment, writeDeployment, type Deployment } from '../../../src/core/deploy/deployment.ts';
import { localFolders } from '../../../src/core/local/folders.ts';
import type { Target } from '../../../src/core/targets/target.ts';
import { deployedTarget, type DeployedTargetOptions } from '../../support/target/deployed-target.ts';

const SET = ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;

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
  const before = SET.map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  const { state } = localFolders();
  const deployment: Deployment = {
    ...{ stack: 'offload', region, account: '123456789012', backendHash: '0'.repeat(64) },
    ...{ controlFunction: started.control, runnerFunction: started.runner },
    ...{ controlUrl: 'https://example.invalid/', memory: 2048, architecture: 'arm64', deployedAt: 1 },
  };
  await writeDeployment(state, deployment);
  return {
    target: { kind: 'lambda', account: deployment.account, region, stack: deployment.stack },
    forget: () => removeDeployment(state, deployment),
    note: () => writeDeployment(state, deployment),
    dispose: async () => {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
      await removeDeployment(state, deployment);
      await started.dispose();
    },
  };
}
