import * as z from 'zod/mini';

interface ErrorKind {
  /** The HTTP status that carries it, where a transport has one. */
  status: number;
  /** Whether the same request may go through later, unchanged. */
  retryable: boolean;
}

/** Every failure that either side can name. Both sides, the editor and the CLI read this one table. */
export const ERROR_KINDS = {
  'bad-request': { status: 400, retryable: false },
  'bad-setting': { status: 400, retryable: false },
  'bad-frame': { status: 502, retryable: true },
  'unsupported-version': { status: 400, retryable: false },
  unauthorized: { status: 401, retryable: false },
  'too-large': { status: 413, retryable: false },
  'unknown-run': { status: 404, retryable: false },
  'unknown-blob': { status: 404, retryable: false },
  'unknown-language': { status: 400, retryable: false },
  'not-supported': { status: 400, retryable: false },
  'no-interpreter': { status: 424, retryable: false },
  'no-isolation': { status: 424, retryable: false },
  /** No container engine, or one that does not answer. */
  'no-engine': { status: 424, retryable: false },
  /** The container's image was not made, or is gone. */
  'no-image': { status: 424, retryable: false },
  'no-backend': { status: 503, retryable: true },
  superseded: { status: 409, retryable: false },
  busy: { status: 429, retryable: true },
  timeout: { status: 408, retryable: false },
  'cpu-limit': { status: 422, retryable: false },
  'memory-limit': { status: 422, retryable: false },
  'output-limit': { status: 422, retryable: false },
  'workspace-limit': { status: 422, retryable: false },
  /** No program of the agent that a task asks for, or one that does not run. */
  'no-agent': { status: 424, retryable: false },
  /** No key for the model, or one that it does not take. */
  'no-access': { status: 424, retryable: false },
  'unknown-model': { status: 404, retryable: false },
  'model-unreachable': { status: 502, retryable: true },
  'budget-reached': { status: 402, retryable: false },
  /** The agent crashed, hung, or ended without a result. */
  'agent-failed': { status: 500, retryable: true },
  /** Blobs of a snapshot are not there. */
  'unknown-snapshot': { status: 404, retryable: true },
  /** The run takes nothing any more: it has ended, or does just now. */
  'run-ended': { status: 409, retryable: false },
  'sandbox-failed': { status: 500, retryable: true },
  'backend-lost': { status: 500, retryable: true },
  interrupted: { status: 502, retryable: true },
  /** No AWS credentials, or some that AWS does not know. */
  'no-credentials': { status: 401, retryable: false },
  /** A login to AWS has run out. */
  'login-expired': { status: 401, retryable: false },
  /** AWS does not let these credentials do what is asked. */
  'no-permission': { status: 403, retryable: false },
  'aws-unreachable': { status: 502, retryable: true },
  /** A limit of the AWS account. */
  'quota-reached': { status: 429, retryable: false },
  /** The stack is in a state that no deploy goes on from, until something is done. */
  'stack-blocked': { status: 409, retryable: false },
  'deploy-failed': { status: 500, retryable: true },
  untrusted: { status: 403, retryable: false },
  'unsafe-path': { status: 400, retryable: false },
  conflict: { status: 409, retryable: false },
  internal: { status: 500, retryable: false },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KINDS;

/** An error on the wire: what happened and why, and what to do about it. Codes that a peer does not know are kept. */
export const errorSchema = z.object({
  code: z.string().check(z.maxLength(64)),
  message: z.string(),
  fix: z.optional(z.string()),
});
export type WireError = z.infer<typeof errorSchema>;

/** The one error type that crosses module borders: a code from the table, what and why in the message, what to do in `fix`. */
export class OffloadError extends Error {
  override readonly name = 'OffloadError';
  readonly code: ErrorCode;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, message: string, options: { fix?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fix = options.fix;
  }

  toWire(): WireError {
    return { code: this.code, message: this.message, ...(this.fix === undefined ? {} : { fix: this.fix }) };
  }
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_KINDS, code);

/** The other way round. A code that this side does not know becomes `internal`, its name kept in the message. */
export function fromWire(error: WireError): OffloadError {
  if (isErrorCode(error.code)) return new OffloadError(error.code, error.message, { fix: error.fix });
  return new OffloadError('internal', `${error.message} (${error.code})`, { fix: error.fix });
}

/** Anything thrown, as an {@link OffloadError}: itself, or `internal` with the thrown thing as its cause. */
export function asOffloadError(thrown: unknown): OffloadError {
  if (thrown instanceof OffloadError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new OffloadError('internal', message, { cause: thrown });
}
