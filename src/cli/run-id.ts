import { runIdSchema } from '../protocol/id.ts';
import { Usage } from './usage.ts';

/** The one run that a command line names. @throws Usage */
export function oneRunId(positionals: string[], command: string): string {
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0)
    throw new Usage(`${command} takes the id of one run; "offload runs" lists them`);
  if (!runIdSchema.safeParse(id).success)
    throw new Usage(`"${id}" is not the id of a run; "offload runs" lists them`);
  return id;
}
