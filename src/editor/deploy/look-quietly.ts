import { AwsClients } from '../../core/aws/clients.ts';
import { checkAtStart, type StartFinding } from '../../core/deploy/at-start.ts';
import type { Deployment } from '../../core/deploy/deployment.ts';
import { readBackendSource } from '../../core/deploy/source.ts';

/** Milliseconds that a look takes at most: nobody waits for it. */
const MAX_MS = 20_000;

/**
 * How a backend stands, by credentials that are there without asking anybody; undefined where there are none, or it cannot
 * be found out just now: whoever uses the backend is told then.
 * @param folder the built backend
 * @param said is told why it could not be found out
 */
export async function lookQuietly(
  deployment: Deployment,
  folder: string,
  said: (error: unknown) => void,
): Promise<StartFinding | undefined> {
  const { profile, region } = deployment;
  let aws: AwsClients | undefined;
  try {
    aws = await AwsClients.open({ profile, region });
    const source = await readBackendSource(folder);
    return await checkAtStart({ aws, deployment, source, signal: AbortSignal.timeout(MAX_MS) });
  } catch (error) {
    said(error);
    return undefined;
  } finally {
    aws?.dispose();
  }
}
