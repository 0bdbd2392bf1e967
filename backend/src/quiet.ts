import type { Server } from 'node:http';
import type { App } from './app.ts';

/**
 * Ends a server that nobody needs: no run goes on and none has for a while, or, once a newer one has taken over, as
 * soon as no run goes on.
 */
export function endWhenQuiet(server: Server, app: App, quietSeconds: number, end: () => void): void {
  let last = Date.now();
  server.on('request', (_request, response) => {
    last = Date.now();
    response.once('close', () => {
      last = Date.now();
    });
  });
  const interval = Math.min(1000, quietSeconds * 250);
  const timer = setInterval(() => {
    if (app.activeRuns > 0) last = Date.now();
    const quiet = (Date.now() - last) / 1000;
    if (quiet > (app.retired ? Math.min(1, quietSeconds) : quietSeconds)) {
      clearInterval(timer);
      end();
    }
  }, interval);
  timer.unref();
}
