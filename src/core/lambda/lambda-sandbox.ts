import { RemoteSandbox } from '../remote-sandbox.ts';
import type { Sandbox } from '../sandbox.ts';
import { DeployedTransport } from './deployed-transport.ts';
import type { DeployedTarget } from './lambda-target.ts';

/** The sandbox that was deployed to an account of the user's. */
export const deployedSandbox = (target: DeployedTarget): Sandbox =>
  new RemoteSandbox(new DeployedTransport(target));
