import type { ServerResponse } from 'node:http';
import type { Account } from './account.ts';
import { AwsError } from './aws-error.ts';
import { eventStreamType, invokeComplete, payloadChunk } from '../lambda/event-stream.ts';
import type { Service } from './service.ts';
import type { Wire } from './wire.ts';

/** A function as the template has it. */
export interface FunctionConfig {
  image: string;
  environment: Record<string, string>;
}

type Handler = (payload: object, config: FunctionConfig) => string | Promise<string>;

/** AWS Lambda's streaming invocations of the functions that a stack made; what they answer is the test's. */
export class Functions implements Service {
  readonly name = 'lambda';
  readonly deployed = new Map<string, FunctionConfig>();
  answer: Handler = () => '';
  readonly #account: Account;

  constructor(account: Account) {
    this.#account = account;
  }

  readonly wire: Wire = {
    read: ({ method, target, body }) => {
      const name = /^\/2021-11-15\/functions\/([^/?]+)\/response-streaming-invocations$/.exec(target)?.[1];
      if (method !== 'POST' || name === undefined)
        throw new AwsError('UnknownOperationException', target, 404);
      const input = {
        FunctionName: decodeURIComponent(name),
        Payload: JSON.parse(body.toString()) as object,
      };
      return { operation: 'InvokeWithResponseStream', input };
    },
    answer: (response: ServerResponse, _operation, output) => {
      response.writeHead(200, { 'content-type': eventStreamType });
      response.write(payloadChunk(Buffer.from((output as { text: string }).text)));
      response.end(invokeComplete({}));
    },
    refuse: (response, error) => {
      response.writeHead(error.status, {
        'x-amzn-errortype': error.code,
        'content-type': 'application/json',
      });
      response.end(JSON.stringify({ message: error.message }));
    },
  };

  readonly operations = {
    InvokeWithResponseStream: async (input: { FunctionName: string; Payload: object }) => {
      // Its name alone, or with the account before it.
      const [, owner, name = ''] = /^(?:(\d{12}):function:)?(.*)$/.exec(input.FunctionName) ?? [];
      const own = this.#account.arn('lambda', `function:${name}`);
      const arn = owner === undefined ? own : own.replace(/\d{12}/, owner);
      this.#account.use('lambda:InvokeFunction', arn);
      const config = arn === own ? this.deployed.get(name) : undefined;
      if (config === undefined)
        throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
      return { text: await this.answer(input.Payload, config) };
    },
  };
}
