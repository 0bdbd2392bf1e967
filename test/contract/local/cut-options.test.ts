import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chownSync, readdirSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { boxArguments } from '../../../backend/src/isolation/bubblewrap-arguments.ts';
import { startBubblewrap } from '../../../backend/src/isolation/bubblewrap-process.ts';
import { findProgram } from '../../../backend/src/isolation/find-program.ts';
import { hasDash } from '../../../backend/src/isolation/limit-arguments.ts';
import { closeQuietly } from '../../../backend/src/isolation/pipes.ts';
import { scriptOptions, scriptRunner } from '../../../backend/src/isolation/start-script.ts';
import { effectiveLimits } from '../../../src/protocol/limits.ts';
import { skip } from '../../support/reporting/skip.ts';
import { ownBoxes, textOf, type OwnBoxes } from '../../support/target/own-boxes.ts';

describe('a process that is started ahead and loses its server', () => {
  let own: OwnBoxes;
  before(function () {
    if (!hasDash()) skip(this, "Debian's shell is not here");
  });
  beforeEach(() => {
    own = ownBoxes();
  });
  afterEach(() => own.dispose());

  it('in the middle of its options starts nothing, and ends', async () => {
    const spec = {
      workspace: own.workspace,
      argv: ['/bin/sh', '-c', 'echo ran; touch made', 'offload', 'x'.repeat(60)],
      env: { NAME: 'value' },
      readOnly: [],
      stdin: undefined,
      limits: effectiveLimits({}),
      memoryLimit: 'as' as const,
    };
    const { workspace } = own;
    const folders = {
      etc: '/etc',
      etcBound: [],
      workspace,
      home: undefined,
      model: undefined,
      gate: undefined,
    };
    const host = { ...folders, source: (path: string) => path };
    const options = [...boxArguments(spec, host), ...(scriptOptions(spec) ?? [])];
    const whole = Buffer.from(options.map((option) => `${option}\0`).join(''));
    // After each option and in the middle of it, and everywhere in the script's end.
    let at = 0;
    const cuts = options.flatMap((option) => {
      const start = at;
      at += Buffer.byteLength(option) + 1;
      return [start, start + Math.floor(option.length / 2)];
    });
    for (let cut = whole.length - 80; cut < whole.length - 2; cut += 3) cuts.push(cut);
    for (const cut of cuts) {
      assert.deepEqual(await given(whole.subarray(0, cut)), { out: '', made: [] }, String(cut));
    }
    assert.deepEqual(await given(whole), { out: 'ran\n', made: ['made'] });
  });

  /** What a process wrote that got these options and no more, and what it left. */
  async function given(options: Buffer): Promise<{ out: string; made: string[] }> {
    const owner = own.isolation.owner();
    if (owner !== undefined) chownSync(own.workspace, owner, owner);
    const { child, stdout, stderr, statusFd } = await startBubblewrap({
      bwrap: findProgram('bwrap') ?? '',
      filter: undefined,
      runtime: own.runtime,
      pipes: own.pipes,
      owner,
      stdin: undefined,
      options: 'pipe',
      argv: scriptRunner,
    });
    const exited = once(child, 'exit');
    const stream = child.stdio[3] as Writable;
    stream.on('error', () => undefined);
    stream.end(options);
    const [out] = await Promise.all([textOf(stdout), textOf(stderr), exited]);
    closeQuietly(statusFd);
    return { out, made: readdirSync(own.workspace) };
  }
});
