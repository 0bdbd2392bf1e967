/** An error as an AWS service answers it. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const validationError = (message: string): AwsError => new AwsError('ValidationError', message);

/** The request has what the SDK's own model of the operation does not: it would not be what AWS takes. */
export const notOfTheModel = (what: string): AwsError =>
  new AwsError('SerializationException', `${what} is not what the model of the operation has`);
