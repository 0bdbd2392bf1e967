import { eventually } from '../target/eventually.ts';
import { servers } from '../target/processes.ts';

/** Asks the servers that live in a folder to end, and waits: they remove their containers first. */
export async function endServers(folder: string): Promise<void> {
  for (const { pid } of await servers(folder)) process.kill(pid, 'SIGTERM');
  await eventually(async () => (await servers(folder)).length === 0);
}
