import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AwsError } from './aws-error.ts';

/** A request as it arrived. */
export interface WireRequest {
  method: string;
  /** Path and query. */
  target: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What a client asks for, read from the wire and checked against the SDK's model. */
export interface Asked {
  operation: string;
  input: object;
}

/** How a service speaks. */
export interface Wire {
  /** @throws AwsError */
  read(request: WireRequest): Asked;
  answer(response: ServerResponse, operation: string, output: object, requestId: string): void;
  refuse(response: ServerResponse, error: AwsError, requestId: string, method: string): void;
}
