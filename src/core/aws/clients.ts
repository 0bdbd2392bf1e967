import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { CodeBuildClient } from '@aws-sdk/client-codebuild';
import type { ECRClient } from '@aws-sdk/client-ecr';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { STSClient } from '@aws-sdk/client-sts';
import { awsCredentials, type AwsCredentials, type CredentialChoice } from './credentials.ts';
import { resolveRegion } from './region.ts';

export interface AwsChoice extends CredentialChoice {
  region?: string | undefined;
}

interface Closing {
  destroy(): void;
}

/** What every client is made with. */
interface ClientConfig {
  region: string;
  credentials: AwsCredentials;
}

/**
 * AWS with the credentials and in the region of the user's choice. Each client is loaded and made when it is first asked
 * for. The SDK honours AWS_ENDPOINT_URL and its kin. Whoever opens it disposes of it.
 */
export class AwsClients {
  readonly region: string;
  readonly profile: string | undefined;
  readonly credentials: AwsCredentials;
  readonly #made = new Map<string, Promise<Closing>>();

  private constructor(region: string, profile: string | undefined, credentials: AwsCredentials) {
    this.region = region;
    this.profile = profile;
    this.credentials = credentials;
  }

  /**
   * Credentials are looked for when they are first needed.
   * @throws OffloadError `bad-setting` without a region; `no-credentials` where it would be that of a profile which is not there
   */
  static async open(choice: AwsChoice = {}): Promise<AwsClients> {
    const region = await resolveRegion(choice);
    return new AwsClients(region, choice.profile, awsCredentials({ ...choice, region }));
  }

  sts(): Promise<STSClient> {
    return this.#make('sts', async (config) => {
      const { STSClient } = await import('./sdk/sts.ts');
      return new STSClient(config);
    });
  }

  cloudFormation(): Promise<CloudFormationClient> {
    return this.#make('cloudformation', async (config) => {
      const { CloudFormationClient } = await import('./sdk/cloudformation.ts');
      return new CloudFormationClient(config);
    });
  }

  s3(): Promise<S3Client> {
    return this.#make('s3', async (config) => {
      const { S3Client } = await import('./sdk/s3.ts');
      return new S3Client(config);
    });
  }

  ecr(): Promise<ECRClient> {
    return this.#make('ecr', async (config) => {
      const { ECRClient } = await import('./sdk/ecr.ts');
      return new ECRClient(config);
    });
  }

  codeBuild(): Promise<CodeBuildClient> {
    return this.#make('codebuild', async (config) => {
      const { CodeBuildClient } = await import('./sdk/codebuild.ts');
      return new CodeBuildClient(config);
    });
  }

  logs(): Promise<CloudWatchLogsClient> {
    return this.#make('logs', async (config) => {
      const { CloudWatchLogsClient } = await import('./sdk/logs.ts');
      return new CloudWatchLogsClient(config);
    });
  }

  secrets(): Promise<SecretsManagerClient> {
    return this.#make('secretsmanager', async (config) => {
      const { SecretsManagerClient } = await import('./sdk/secrets.ts');
      return new SecretsManagerClient(config);
    });
  }

  lambda(): Promise<LambdaClient> {
    return this.#make('lambda', async (config) => {
      const { LambdaClient } = await import('./sdk/lambda.ts');
      return new LambdaClient(config);
    });
  }

  dispose(): void {
    // One that could not be made was told of where it was asked for.
    for (const client of this.#made.values()) client.then((each) => each.destroy()).catch(() => undefined);
    this.#made.clear();
  }

  #make<T extends Closing>(name: string, make: (config: ClientConfig) => Promise<T>): Promise<T> {
    const there = this.#made.get(name) as Promise<T> | undefined;
    if (there !== undefined) return there;
    const { region, credentials } = this;
    const made = make({ region, credentials });
    this.#made.set(name, made);
    return made;
  }
}
