import { parseReply } from '../../../src/protocol/decode.ts';
import { runReplySchema, type RunSummary } from '../../../src/protocol/reply.ts';
import type { Installation } from './installation.ts';

/** The runs that `offload runs` lists, newest first. */
export async function listedRuns(cli: Installation): Promise<RunSummary[]> {
  const lines = (await cli.run(['runs', '--json'])).stdout.split('\n').slice(0, -1);
  return lines.map((line) => parseReply(runReplySchema, JSON.parse(line) as object));
}
