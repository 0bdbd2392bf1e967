import { request as ask, type RequestListener } from 'node:http';

/** A server that passes requests on to another one as they are, for addresses of the tests' internet. */
export const passOn =
  (to: () => string): RequestListener =>
  (request, response) => {
    const { method, url = '/', headers } = request;
    const passed = ask(new URL(url, to()), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  };
