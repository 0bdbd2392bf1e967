import { RemoteSandbox } from '../remote-sandbox.ts';
import type { Sandbox } from '../sandbox.ts';
import { DeployedTransport } from './deployed-transport.ts';
import type { DeployedTarget, LambdaTarget } from './lambda-target.ts';
import { LambdaTransport } from './lambda-transport.ts';

/** The sandbox that is a Lambda function of the user's. */
export const lambdaSandbox = (target: LambdaTarget): Sandbox =>
  new RemoteSandbox(new LambdaTransport(target));

/** The sandbox that was deployed to an account of the user's. */
export const deployedSandbox = (target: DeployedTarget): Sandbox =>
  new RemoteSandbox(new DeployedTransport(target));
