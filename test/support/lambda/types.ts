import type { StartRuntime } from '../../../src/core/lambda-local/runtime-process.ts';
import type { ServiceError } from '../../../src/core/lambda-local/service-error.ts';

/** A function of the endpoint: what a deployed Lambda function would be configured with. */
export interface FunctionSpec {
  /** Absolute path of the module with the handler. Its name has no dot but that of its ending. */
  readonly bundle: string;
  /** Lambda's handler string; default: `<name of the bundle>.handler`. */
  readonly handler?: string;
  /** Seconds that an invocation may take, a fraction too; default 3, as on AWS. */
  readonly timeoutSeconds?: number;
  /** What the function is told it has; default 128. It is not enforced. */
  readonly memoryMb?: number;
  /** Added to the environment that Lambda gives. Names that Lambda reserves cannot be set. */
  readonly env?: Readonly<Record<string, string>>;
  /** Environments that may run at once (each takes one invocation at a time); default 10, as in a new account. */
  readonly concurrency?: number;
  /** Whether its environments are kept apart by tenant: then each invocation has to say whose it is. */
  readonly tenancy?: boolean;
  /** Whether a function may call it, by the rights of its role. */
  readonly byRole?: boolean;
  /** How its environments are started, where that is not as others are: in a network of their own, say. */
  readonly started?: (start: StartRuntime) => StartRuntime;
  /** Whether it answers at a URL, without a signature. */
  readonly url?: boolean;
}

/** An access key. Tests make one up; nothing is read from the machine. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** How fast a streamed response leaves: a full bucket of `burstBytes`, filled again at `bytesPerSecond`. */
export interface ThrottleOptions {
  readonly burstBytes: number;
  readonly bytesPerSecond: number;
}

export interface EndpointOptions {
  readonly functions: Readonly<Record<string, FunctionSpec>>;
  /** The one access key that is let in; default: a made-up one, handed out by the endpoint. */
  readonly credentials?: Credentials;
  /** Default us-east-1. Requests signed for another are refused. */
  readonly region?: string;
  /** Default as on AWS (limits.ts); false for tests about something else. */
  readonly throttle?: ThrottleOptions | false;
  /** Milliseconds that AWS's clock is ahead of this machine's. */
  readonly clockAhead?: number;
  /** Told of each asynchronous invocation; what becomes of it: one can be lost. */
  readonly onEvent?: (functionName: string) => 'lost' | undefined;
  /** Folder of the runtime interface client; default: where `findRuntime` finds it. */
  readonly runtime?: string;
}

/** A running endpoint. `endpoint`, `region` and `credentials` are what `LambdaClient` wants under these names. */
export interface LambdaEndpoint {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** What the function wrote and what Lambda noted of its invocations; the oldest part goes first, past 1 MiB. */
  logs(name: string): string;
  /** Where a function that has a URL answers. */
  url(name: string): string;
  /** Process ids of the function's environments that are alive. */
  processes(name: string): readonly number[];
  /** Cuts the connections of all callers, as a broken network does; their invocations go on. */
  cutConnections(): void;
  /** Told of every call of a function that comes; gives what to refuse it with. */
  onCall: ((functionName: string) => ServiceError | undefined) | undefined;
  /** Deploys a function anew: its invocations go on where they are, the next ones meet these variables. */
  update(name: string, env: Readonly<Record<string, string>>): void;
  /** Ends every process and connection, and resolves when none is left. */
  dispose(): Promise<void>;
}
