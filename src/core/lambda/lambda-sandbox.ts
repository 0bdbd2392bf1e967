import { RemoteSandbox } from '../remote-sandbox.ts';
import type { Sandbox } from '../sandbox.ts';
import type { LambdaTarget } from './lambda-target.ts';
import { LambdaTransport } from './lambda-transport.ts';

/** The sandbox that is a Lambda function of the user's. */
export const lambdaSandbox = (target: LambdaTarget): Sandbox =>
  new RemoteSandbox(new LambdaTransport(target));
