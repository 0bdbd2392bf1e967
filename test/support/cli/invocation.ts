import { request, type OutgoingHttpHeaders } from 'node:http';

/** What a request was answered. */
export interface Reply {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

/** Posts what is said to an address. */
export function post(url: string, body: string | object, headers: OutgoingHttpHeaders = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.once('error', reject).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

let runs = 0;

/** The request of a run of Python. */
export const program = (code: string, more: object = {}): object => ({
  kind: 'run',
  version: 1,
  runId: `r_${String(++runs).padStart(32, '0')}`,
  language: 'python',
  entry: 'main.py',
  code,
  files: [],
  args: [],
  env: {},
  limits: {},
  network: 'closed',
  title: 'test',
  ...more,
});

/** An event as it was told. */
export interface Told {
  type: string;
  text?: string;
  [name: string]: unknown;
}

/** The events of an answer but heartbeats. */
export const told = ({ text }: Reply): Told[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told)
    .filter(({ type }) => type !== 'heartbeat');

/** All that a program has printed. */
export const outputOf = (reply: Reply): string =>
  told(reply)
    .map(({ type, text = '' }) => (type === 'output' ? text : ''))
    .join('');
