import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deferred } from '../../../src/core/lambda-local/deferred.ts';
import { close, listen } from '../../../src/core/lambda-local/http.ts';

/** A package that is published, with one program in it. */
export interface Published {
  name: string;
  version: string;
  /** Where the program is in it. */
  place: string;
  program: Buffer;
  os?: string[];
}

/** What is wrong with a registry: it tells another hash, breaks off in mid-download, or says no more. */
export type Trouble = 'integrity' | 'cut' | 'silence';

/** A registry of one package on the loopback interface, which speaks to npm's own client. */
export interface Registry {
  /** The environment of an npm that knows no other registry, and has its home in a folder. */
  env(home: string): NodeJS.ProcessEnv;
  trouble: Trouble | undefined;
  /** How many downloads have begun. */
  downloads: number;
  /** Resolves when a download has begun. */
  readonly downloading: Promise<void>;
  /** Resolves when the connection of that download is closed. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export async function startRegistry(published: Published): Promise<Registry> {
  const tarball = pack(published);
  const { server, address } = await listen();
  const url = `http://${address}/`;
  const [downloading, closed] = [deferred(), deferred()];
  const registry: Registry = {
    env: (home) => ({
      PATH: process.env['PATH'],
      HOME: home,
      npm_config_registry: url,
      npm_config_cache: join(home, 'cache'),
      npm_config_globalconfig: join(home, 'none'),
      npm_config_fetch_retries: '0',
      npm_config_update_notifier: 'false',
    }),
    trouble: undefined,
    downloads: 0,
    downloading: downloading.promise,
    closed: closed.promise,
    close: () => close(server),
  };
  const send = (response: ServerResponse): void => {
    registry.downloads += 1;
    response.on('close', () => {
      closed.resolve();
    });
    response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': tarball.length });
    const half = tarball.subarray(0, tarball.length / 2);
    if (registry.trouble === 'cut') response.write(half, () => response.destroy());
    else if (registry.trouble === 'silence') response.write(half);
    else response.end(tarball);
    downloading.resolve();
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const path = decodeURIComponent(request.url ?? '');
    if (path === `/${published.name}`) {
      response.setHeader('content-type', 'application/json');
      const told = registry.trouble === 'integrity' ? Buffer.from('another') : tarball;
      response.end(JSON.stringify(packument(published, told, `${url}tarball.tgz`)));
    } else if (path === '/tarball.tgz') send(response);
    else response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}');
  });
  return registry;
}

/** What a registry tells of a package. */
function packument({ name, version, os }: Published, content: Buffer, tarball: string): object {
  const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`;
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { name, version, ...(os && { os }), dist: { tarball, integrity } } },
  };
}

function pack({ name, version, place, program }: Published): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'pack-'));
  try {
    const file = join(folder, 'package', place);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, program);
    chmodSync(file, 0o755);
    writeFileSync(join(folder, 'package', 'package.json'), JSON.stringify({ name, version }));
    return execFileSync('tar', ['-C', folder, '-czf', '-', 'package'], { maxBuffer: 2 ** 28 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
