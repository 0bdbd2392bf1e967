import { OffloadError } from '../../../src/protocol/error.ts';
import type { Grant } from '../../../src/protocol/lambda.ts';
import { httpExchange } from './http-request.ts';

/** Milliseconds in which control has to be reached. */
const REACHED_IN = 5000;

/**
 * Whether a runner in a VPC reaches control, which a run needs for its addresses and a task for its model as well. Its
 * subnets may have no route out.
 * @returns what to say where it does not
 */
export async function unreachedControl({ vpc, url, token }: Grant): Promise<OffloadError | undefined> {
  if (vpc !== true) return undefined;
  try {
    await httpExchange(`${url}/addresses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-offload-token': token },
      body: Buffer.from('{"wants":[]}'),
      silence: REACHED_IN,
    });
    return undefined;
  } catch (cause) {
    return new OffloadError('no-backend', 'The runner cannot reach control from the subnets of its VPC.', {
      fix: 'Give the subnets a route out, by a NAT gateway for instance, or deploy without a VPC, or with a closed network.',
      cause,
    });
  }
}
