import { BlobStore } from '../../../backend/src/blobs/blob-store.ts';
import { SessionStore } from '../../../backend/src/sessions/session-store.ts';
import { placeTree } from '../../../backend/src/sessions/session-tree.ts';

// Places a snapshot in a session, as a server does, until it is killed: FOLDER RUN SNAPSHOT [EARLIER].
const [folder = '', runId = '', snapshot = '', earlier] = process.argv.slice(2);
const sessions = new SessionStore(`${folder}/sessions`, 'killed', () => Promise.resolve(false));
const session =
  earlier === undefined
    ? await sessions.create(runId, { agent: 'claude', owner: undefined })
    : await sessions.resume(earlier, runId);
await placeTree(session, snapshot, new BlobStore(`${folder}/blobs`), 10 ** 9, new AbortController().signal);
process.stdout.write('placed');
setInterval(() => undefined, 1000);
