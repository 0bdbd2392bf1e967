import { createHash } from 'node:crypto';
import * as client from '@aws-sdk/client-ecr';
import type { Account } from './account.ts';
import { AwsError } from './aws-error.ts';
import { jsonWire } from './json.ts';
import type { Service } from './service.ts';

interface Image {
  tag: string | undefined;
  digest: string;
  time: Date;
}

/** Amazon ECR's repositories and the images in them, without their layers. */
export class Ecr implements Service {
  readonly name = 'ecr';
  readonly wire = jsonWire(client, 'AmazonEC2ContainerRegistry_V20150921');
  readonly repositories = new Map<string, Image[]>();
  /** The digest of an image that it does not remove. */
  refuses: string | undefined;
  readonly #account: Account;

  constructor(account: Account) {
    this.#account = account;
  }

  /** As a push does; tags are immutable. Gives the digest. */
  push(repository: string, tag: string): string {
    const images = this.#images(repository);
    if (images.some((each) => each.tag === tag)) throw new AwsError('ImageTagAlreadyExistsException', tag);
    const digest = `sha256:${createHash('sha256').update(tag).digest('hex')}`;
    images.push({ tag, digest, time: new Date() });
    return digest;
  }

  readonly operations = {
    DescribeImages: (input: client.DescribeImagesCommandInput) => {
      const images = this.#asked('ecr:DescribeImages', input.repositoryName);
      const wanted = input.imageIds?.map(({ imageTag }) => imageTag);
      const found = images.filter(({ tag }) => wanted === undefined || wanted.includes(tag));
      if (wanted !== undefined && found.length === 0) {
        const message = `The image with imageId {imageDigest:'null', imageTag:'${String(wanted[0])}'} does not exist within the repository`;
        throw new AwsError('ImageNotFoundException', message);
      }
      return {
        imageDetails: found.map(({ tag, digest, time }) => ({
          imageDigest: digest,
          imagePushedAt: time,
          ...(tag === undefined ? {} : { imageTags: [tag] }),
        })),
      };
    },
    BatchDeleteImage: (input: client.BatchDeleteImageCommandInput) => {
      const images = this.#asked('ecr:BatchDeleteImage', input.repositoryName);
      const asked = (input.imageIds ?? []).map(({ imageDigest }) => imageDigest);
      const gone = new Set(asked.filter((digest) => digest !== this.refuses));
      const refused = asked.filter((digest) => digest !== undefined && digest === this.refuses);
      this.repositories.set(
        input.repositoryName ?? '',
        images.filter(({ digest }) => !gone.has(digest)),
      );
      return {
        imageIds: input.imageIds?.filter(({ imageDigest }) => gone.has(imageDigest)),
        failures: refused.map((imageDigest) => ({
          imageId: { imageDigest },
          failureCode: 'ImageReferencedByManifestList' as const,
          failureReason: 'Requested image referenced by manifest list',
        })),
      };
    },
  };

  #asked(action: string, name = ''): Image[] {
    this.#account.use(action, this.#account.arn('ecr', `repository/${name}`));
    return this.#images(name);
  }

  #images(name: string): Image[] {
    const images = this.repositories.get(name);
    if (images === undefined) throw new AwsError('RepositoryNotFoundException', `no repository ${name}`);
    return images;
  }
}
