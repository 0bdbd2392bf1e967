import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import * as z from 'zod/mini';

/** One line of a results file: what became of one test, text to show, or that the suite ran to its end. */
const resultSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('pass'), title: z.string() }),
  z.object({ type: z.literal('fail'), title: z.string(), message: z.string() }),
  z.object({ type: z.literal('skip'), title: z.string(), reason: z.string() }),
  z.object({ type: z.literal('print'), text: z.string() }),
  z.object({ type: z.literal('end') }),
]);
export type Result = z.infer<typeof resultSchema>;

/** Appends a result in one write, so that what came before a crash is kept. */
export function appendResult(file: string, result: Result): void {
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}

/** The whole lines of a results file from line `from` on; none when the file is not there yet. */
export function readResults(file: string, from = 0): Result[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.slice(from).map((line) => resultSchema.parse(JSON.parse(line)));
}
