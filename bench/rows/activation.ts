import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { openWorkbench } from '../../test/support/editor/open-workbench.ts';
import { editorTools } from '../../test/support/editor/tools.ts';
import { EMPTY, putExtensions } from '../activation/extensions.ts';
import { packagedExtension } from '../packaged.ts';
import { CannotRun, type Bench, type Row } from '../row.ts';

const OFFLOAD = 'offload.offload';

/** Milliseconds that a window may take to report. */
const REPORT_LIMIT = 120_000;

const reportSchema = z.record(z.string(), z.union([z.number(), z.string()]));

/** What the extension costs everyone who has it, used or not: both are activated in the same host of each window. */
export const activation: Row = {
  name: 'activation',
  rounds: 10,
  async measure(bench) {
    const tools = editorTools();
    if ('missing' in tools) throw new CannotRun(tools.missing);
    const extensions = join(bench.folder, 'extensions');
    const reports = join(bench.folder, 'reports');
    const workspace = join(bench.folder, 'workspace');
    mkdirSync(workspace);
    putExtensions(extensions, OFFLOAD, reports);
    await install(packagedExtension(), extensions, tools.entry, bench);
    const editor = await openWorkbench({ workspace, extensions });
    try {
      for (let round = 0; ; round++) {
        await untilReported(reports, round);
        if (round >= bench.rounds) break;
        await editor.workbench.reload();
      }
    } finally {
      await editor.close();
    }
    // The first window pays for what no later one does: the page cache, the browser's caches.
    const counted = Array.from({ length: bench.rounds }, (_, round) => readReport(reports, round + 1));
    return [
      {
        name: 'activation in the extension host',
        unit: 'ms',
        ours: counted.map((report) => milliseconds(report, OFFLOAD)),
        beside: { name: 'an empty extension', values: counted.map((report) => milliseconds(report, EMPTY)) },
        reach: { of: 'difference', bound: '≤', value: 30 },
      },
    ];
  },
};

async function install(vsix: string, extensions: string, entry: string, { folder }: Bench): Promise<void> {
  const places = ['--user-data-dir', join(folder, 'user'), '--extensions-dir', extensions];
  await promisify(execFile)(process.execPath, [entry, ...places, '--install-extension', vsix]);
}

async function untilReported(reports: string, round: number): Promise<void> {
  const until = Date.now() + REPORT_LIMIT;
  while (!readdirSync(reports).includes(`${String(round)}.json`)) {
    if (Date.now() > until) throw new Error(`window ${String(round)} did not report in time`);
    await sleep(50);
  }
}

const readReport = (reports: string, round: number) =>
  reportSchema.parse(JSON.parse(readFileSync(join(reports, `${String(round)}.json`), 'utf8')));

function milliseconds(report: z.infer<typeof reportSchema>, id: string): number {
  const value = report[id];
  if (typeof value === 'number') return value;
  throw new Error(`${id} ${value ?? 'is not in the report'}`);
}
