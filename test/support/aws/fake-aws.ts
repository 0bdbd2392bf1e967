import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { close, listen, readBody } from '../../../src/core/lambda-local/http.ts';
import { ServiceError } from '../../../src/core/lambda-local/service-error.ts';
import { checkSignature } from './signature.ts';
import { Account } from './account.ts';
import { AwsError } from './aws-error.ts';
import { CloudFormation } from './cloudformation/service.ts';
import { CodeBuild } from './codebuild.ts';
import { Ecr } from './ecr.ts';
import { Functions } from './functions.ts';
import { Logs } from './logs.ts';
import type { Parts } from './parts.ts';
import { S3 } from './s3.ts';
import { Secrets } from './secrets.ts';
import type { Service } from './service.ts';
import { Sso } from './sso.ts';
import { SESSION, sts } from './sts.ts';

export const MADE_UP = { accessKeyId: 'AKIDMADEUPEXAMPLE', secretAccessKey: 'made-up-secret-example' };

export interface FakeAwsOptions {
  region?: string;
  /** Twelve digits. */
  account?: string;
  /** Milliseconds that the account's clock is ahead of this machine's. */
  clockAhead?: number;
}

/**
 * An AWS account behind one address of the loopback interface, for the unmodified SDK: the services that a deploy needs,
 * by their own wire protocols. Signatures are checked, requests and answers are those of the SDK's own models, and the
 * caller's policy is enforced where one is set. Whoever starts it disposes of it.
 */
export class FakeAws implements Parts {
  readonly account: Account;
  readonly sso = new Sso();
  readonly s3: S3;
  readonly ecr: Ecr;
  readonly logs: Logs;
  readonly secrets: Secrets;
  readonly codebuild: CodeBuild;
  readonly functions: Functions;
  readonly cloudformation: CloudFormation;
  /** What to set as AWS_ENDPOINT_URL. */
  endpoint = '';
  #close: () => Promise<void> = () => Promise.resolve();
  readonly #services: Service[];
  readonly #clockAhead: number;

  private constructor({ region = 'eu-west-1', account = '123456789012', clockAhead = 0 }: FakeAwsOptions) {
    this.account = new Account(account, region);
    this.#clockAhead = clockAhead;
    this.s3 = new S3(this.account);
    this.ecr = new Ecr(this.account);
    this.logs = new Logs(this.account);
    this.secrets = new Secrets(this.account);
    this.codebuild = new CodeBuild(this.account, this);
    this.functions = new Functions(this.account);
    this.cloudformation = new CloudFormation(this.account, this);
    this.#services = [
      sts(this.account),
      this.s3,
      this.ecr,
      this.logs,
      this.secrets,
      this.codebuild,
      this.functions,
      this.cloudformation,
    ];
  }

  static async start(options: FakeAwsOptions = {}): Promise<FakeAws> {
    const aws = new FakeAws(options);
    const { server, address } = await listen();
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      aws.#serve(request, response).catch((error: unknown) => {
        console.error('The fake of AWS failed:', error);
        response.destroy();
      });
    });
    aws.endpoint = `http://${address}`;
    aws.#close = () => close(server);
    return aws;
  }

  /** The environment of a program that uses this account with a key of its own. */
  get env(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_REGION: this.account.region,
      AWS_ACCESS_KEY_ID: MADE_UP.accessKeyId,
      AWS_SECRET_ACCESS_KEY: MADE_UP.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  }

  dispose(): Promise<void> {
    return this.#close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const { method = '', url: target = '/', headers } = request;
    const body = (await readBody(request)) ?? Buffer.alloc(0);
    if (headers.authorization === undefined && this.sso.answer({ method, target, headers, body }, response))
      return;
    // The one call that needs no credentials: it gets them.
    const unsigned = headers.authorization === undefined && body.includes('Action=AssumeRoleWithWebIdentity');
    const scope = unsigned
      ? 'sts'
      : /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1];
    const service = this.#services.find(({ name }) => name === scope);
    if (service === undefined) {
      response.writeHead(403).end(`no service ${String(scope)}`);
      return;
    }
    response.setHeader('x-amzn-requestid', requestId);
    response.setHeader('date', new Date(Date.now() + this.#clockAhead).toUTCString());
    try {
      if (!unsigned)
        await checkSignature(
          { method, target, headers, body },
          {
            credentials: headers.authorization?.includes(SESSION.accessKeyId) === true ? SESSION : MADE_UP,
            region: this.account.region,
            service: service.name,
            now: () => Date.now() + this.#clockAhead,
          },
        );
      const { operation, input } = service.wire.read({ method, target, headers, body });
      const call = { operation: `${service.name}:${operation}`, input };
      await this.account.arrive(call);
      const carry = service.operations[operation];
      if (carry === undefined) throw new AwsError('UnknownOperationException', operation);
      const output = await carry.call(service, input as never);
      await this.account.carriedOut(call);
      service.wire.answer(response, operation, output, requestId);
    } catch (error) {
      service.wire.refuse(response, asRefusal(error), requestId, method);
    }
  }
}

function asRefusal(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  // The signature's check names them as the JSON protocols do.
  if (error instanceof ServiceError) return new AwsError(error.code, error.message, error.status);
  return new AwsError('InternalFailure', error instanceof Error ? String(error.stack) : String(error), 501);
}
