import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { OffloadError } from '../../src/protocol/error.ts';
import { serverAddress } from './address.ts';
import { App } from './app.ts';
import { BlobStore } from './blobs/blob-store.ts';
import { httpListener } from './http/listener.ts';
import { socketPeers } from './http/peers.ts';
import { closeInheritedFiles } from './inherited-files.ts';
import { sweepLeftovers } from './leftovers.ts';
import { Pipes } from './isolation/pipes.ts';
import { Gates } from './network/gates.ts';
import { endWhenQuiet } from './quiet.ts';
import { RunStore } from './runs/run-store.ts';
import { Slots } from './runs/slots.ts';
import { SessionStore } from './sessions/session-store.ts';
import { serverOptions } from './server-options.ts';
import { containerBoxes, localBoxes } from './server-boxes.ts';
import { removeFolder } from './workspace/remove.ts';

/** Runs at once: enough to keep the processors busy with programs that wait. */
const SLOTS = Math.max(4, 2 * availableParallelism());

/** Tasks at once: they wait for their models most of the time. */
const TASK_SLOTS = 8;

closeInheritedFiles();
// What boxes are made of is read by users of their own, whoever started the server: what is private says so by its mode.
process.umask(0o022);
const options = serverOptions(process.argv.slice(2));
const token = readFileSync(options.tokenFile, 'utf8').trim();
const address = serverAddress(options.address);
const own = join(options.state, 'boxes', String(process.pid));
mkdirSync(own, { recursive: true });
// Users of boxes pass through, and see nothing on their way.
for (const folder of [join(options.state, 'boxes'), own]) chmodSync(folder, 0o711);

const pipes = new Pipes(join(options.runtime, `pipes.${String(process.pid)}`));
const sessionsFolder = join(options.state, 'sessions');
const models = join(options.runtime, `models.${String(process.pid)}`);
mkdirSync(models);
chmodSync(models, 0o711);
const gates = join(options.runtime, `gates.${String(process.pid)}`);
mkdirSync(gates);
chmodSync(gates, 0o711);
const places = { boxes: own, sessions: sessionsFolder, models, gates, pipes, ...options };
const { container } = options;
const { isolation, interpreters, capabilities, tasks, sweep, dispose } =
  container === undefined ? localBoxes(places) : containerBoxes(places, container);
const store = new RunStore(join(options.state, 'runs'), address.own);
const blobs = new BlobStore(join(options.state, 'blobs'));
const peers = socketPeers(token);
const sessions = new SessionStore(sessionsFolder, address.own, (owner) => peers.isAlive(owner));
const services = {
  isolation,
  interpreters,
  slots: new Slots(SLOTS),
  runtime: options.runtime,
  gates: new Gates(gates),
};
const app = new App({
  build: options.build,
  capabilities,
  services,
  tasks: { ...services, ...tasks, taskSlots: new Slots(TASK_SLOTS), sessions, blobs, models },
  store,
  blobs,
  boxes: own,
  peers,
});

const server = createServer(
  { requestTimeout: 0 },
  httpListener(app, token, (error) => {
    console.error(new Date().toISOString(), error);
  }),
);

let ending: Promise<void> | undefined;
/** Ends the server and everything of its own. */
function end(): Promise<void> {
  ending ??= (async () => {
    server.close();
    address.remove();
    await app.close(new OffloadError('backend-lost', 'The backend was ended.', { fix: 'Run it again.' }));
    await dispose();
    pipes.dispose();
    blobs.dispose();
    await removeFolder(own);
    await removeFolder(models);
    await removeFolder(gates);
    process.exit(0);
  })();
  return ending;
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end());
server.listen(address.own, () => {
  if (process.platform !== 'win32') chmodSync(address.own, 0o600);
  address.publish();
  // The starter waits for this line.
  process.stdout.write('ready\n');
  endWhenQuiet(server, app, options.quietSeconds, () => void end());
  void pipes.prepare().catch(() => undefined);
  void isolation.probe();
  void app.endLostRuns().then(() => store.prune());
  void sessions.prune().catch(() => undefined);
  void blobs.prune().catch(() => undefined);
  void sweepLeftovers(join(options.state, 'boxes'), options.runtime);
  void sweep().catch(() => undefined);
});
