import type { Redactor } from '../redaction/redactor.ts';
import type { UpstreamAnswer } from './upstream.ts';

/** Headers of an answer that the box gets to see. */
const ANSWER_HEADERS = /^(content-type|request-id|retry-after|x-should-retry|anthropic-ratelimit-[a-z-]+)$/;

/** The headers of an answer that pass; a secret passes in none. */
export function passingHeaders({ headers }: UpstreamAnswer, redactor: Redactor): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => ANSWER_HEADERS.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, redactor.redact(value)]));
}
