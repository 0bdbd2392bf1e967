import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Outcome } from './figure.ts';
import { CannotRun } from './row.ts';
import { ROWS } from './rows.ts';

// The process of one row: row-process.ts --row NAME --folder FOLDER [--rounds N]. It tells its parent what came out.
const { values } = parseArgs({
  options: { row: { type: 'string' }, folder: { type: 'string', default: '' }, rounds: { type: 'string' } },
});

process.send?.(await outcome(), () => {
  // What a library of the other side still holds open keeps no one waiting.
  process.exit();
});

async function outcome(): Promise<Outcome> {
  try {
    const row = ROWS.find(({ name }) => name === values.row);
    if (row === undefined) throw new Error(`there is no row ${String(values.row)}`);
    const folder = join(values.folder, 'row');
    mkdirSync(folder, { mode: 0o700 });
    const rounds = values.rounds === undefined ? row.rounds : Number(values.rounds);
    return { type: 'figures', figures: await row.measure({ folder, rounds }) };
  } catch (error) {
    if (error instanceof CannotRun) return { type: 'skipped', reason: error.message };
    return {
      type: 'failed',
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}
