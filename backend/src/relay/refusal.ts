import { OffloadError } from '../../../src/protocol/error.ts';

/** What an answer with an error says. */
export interface ErrorAnswer {
  status: number;
  /** The API's name for it; empty where it has none. */
  type: string;
  /** Free of secrets. */
  message: string;
}

/** Characters of what an endpoint says that are shown. */
const MAX_MESSAGE = 500;

/** Why a model will not answer, however often it is asked; undefined where asking again may help, or is the agent's affair. */
export function refusalOf(answer: ErrorAnswer, model: string, host: string): OffloadError | undefined {
  const said = oneLine(answer.message);
  if (answer.status === 401 || answer.status === 403) {
    return new OffloadError('no-access', `${host} does not give access to the model${because(said)}.`, {
      fix: 'Set a key or token that is valid there and may use this model.',
    });
  }
  if (answer.status === 402) {
    return new OffloadError('no-access', `${host} wants to be paid first${because(said)}.`, {
      fix: 'See the billing page of the account that the key belongs to.',
    });
  }
  if (isElsewhere(answer)) {
    return new OffloadError(
      'model-unreachable',
      `${host} does not answer as the Messages API does (status ${String(answer.status)}).`,
      { fix: 'See that the address of the model is right; it is what stands before /v1/messages.' },
    );
  }
  if (isUnknownModel(answer)) {
    return new OffloadError('unknown-model', `${host} has no model "${oneLine(model)}"${because(said)}.`, {
      fix: 'Choose a model that this key may use, by the name that the provider has for it.',
    });
  }
  return undefined;
}

/** A redirect, or a 404 that has not the API's shape. */
const isElsewhere = ({ status, type }: ErrorAnswer): boolean =>
  status < 400 || (status === 404 && type === '');

function isUnknownModel({ status, type, message }: ErrorAnswer): boolean {
  if (status === 404) return true;
  return (
    status === 400 &&
    (type === 'invalid_request_error' || type === '') &&
    /\bmodel\b[^.]{0,40}\b(identifier|not (found|exist|supported)|does ?n.t exist|invalid|unknown)|\b(invalid|unknown|unsupported) model\b/i.test(
      message,
    )
  );
}

/** What a failed connection is told as. The host is named and nothing else of the address. */
export function unreachable(thrown: unknown, host: string): OffloadError {
  if (thrown instanceof OffloadError) return thrown;
  return new OffloadError(
    'model-unreachable',
    `The model at ${host} cannot be reached: ${reasonOf(thrown)}.`,
    {
      fix: 'See that this machine has a network, and that the address of the model is right.',
      cause: thrown,
    },
  );
}

/** Certificates do not mend themselves while one waits. */
export const isCertificateError = (thrown: unknown): boolean =>
  /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO)/.test(codeOf(thrown));

function reasonOf(thrown: unknown): string {
  const code = codeOf(thrown);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name is not found';
    case 'ECONNREFUSED':
      return 'nobody answers there';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was cut';
    case 'ETIMEDOUT':
      return 'it did not answer in time';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to it';
  }
  if (isCertificateError(thrown)) return `its certificate or its encryption is not right (${code})`;
  return code === '' ? 'the connection failed' : code;
}

function codeOf(thrown: unknown): string {
  const errors = thrown instanceof AggregateError ? (thrown.errors as unknown[]) : [];
  const { code } = ((errors[0] ?? thrown) as NodeJS.ErrnoException | undefined) ?? {};
  return typeof code === 'string' ? code : '';
}

const because = (said: string): string => (said === '' ? '' : `: ${said.replace(/\.$/, '')}`);

/** Text of an endpoint's, fit for a line. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
  return clean.length > MAX_MESSAGE ? `${clean.slice(0, MAX_MESSAGE)}…` : clean;
}
