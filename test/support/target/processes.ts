import { processesOf, type FoundProcess } from '../../../scripts/setup/processes.mjs';

const isServer = ({ command }: FoundProcess): boolean => command.includes('server.mjs');

/** The processes of boxes of a target that lives in a folder, as the host sees them. */
export const boxProcesses = async (folder: string): Promise<FoundProcess[]> =>
  (await processesOf(folder)).filter((each) => !isServer(each));

/** The servers of a target that lives in a folder. */
export const servers = async (folder: string): Promise<FoundProcess[]> =>
  (await processesOf(folder)).filter(isServer);
