import { isAwsError } from '../aws/aws-error.ts';
import type { Architecture } from './architecture.ts';
import { until, type Work } from './work.ts';

/** The tag of a backend's image. One tag is one architecture: Lambda takes no image of several. */
export const imageTag = (hash: string, architecture: Architecture): string => `${hash}-${architecture}`;

/** The digest of the image with a tag; undefined where there is none. */
export async function imageDigest(
  work: Pick<Work, 'aws' | 'signal'>,
  repository: string,
  tag: string,
): Promise<string | undefined> {
  const { DescribeImagesCommand } = await import('../aws/sdk/ecr.ts');
  const client = await work.aws.ecr();
  try {
    const { imageDetails } = await client.send(
      new DescribeImagesCommand({ repositoryName: repository, imageIds: [{ imageTag: tag }] }),
      until(work),
    );
    return imageDetails?.[0]?.imageDigest;
  } catch (error) {
    if (isAwsError(error, 'ImageNotFoundException')) return undefined;
    throw error;
  }
}
