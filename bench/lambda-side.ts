import { fileURLToPath } from 'node:url';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Store } from '../backend/src/store/s3-store.ts';
import { follow } from '../src/core/run/follow.ts';
import type { Sandbox } from '../src/core/sandbox.ts';
import type { RunEvent } from '../src/protocol/event.ts';
import type { RequestedLimits } from '../src/protocol/limits.ts';
import type { RunRequest } from '../src/protocol/request.ts';
import { lambdaClient, openStream } from '../test/support/lambda/client.ts';
import { findRuntime } from '../test/support/lambda/find-runtime.ts';
import { startDeployed, type DeployedTestTarget } from '../test/support/target/deployed-target.ts';
import { outputBytes, pythonRequest, requireCompleted } from './offload-side.ts';
import { systemPython } from './python.ts';
import { CannotRun } from './row.ts';
import type { Timed } from './timed.ts';

const BARE = 'bare';

/** What is told of a piece of a program's output: its text, and when it came. */
type OnOutput = (text: string) => void;

/** What a run on the deployed backend or by the bare function took. */
export interface TimedRun extends Timed {
  /** From the start to its first event; of the bare function, to the byte that says that it is there. */
  eventMs: number;
}

/**
 * The deployed backend and a bare streaming function, both in AWS's runtime client behind one endpoint, and both called by
 * AWS's SDK.
 */
export class LambdaSide {
  readonly #target: DeployedTestTarget;
  readonly #client: LambdaClient;
  readonly #store: S3Store;
  #writes = 0;

  private constructor(target: DeployedTestTarget) {
    this.#target = target;
    this.#client = lambdaClient(target.endpoint);
    const { endpoint, bucket, owner, region, credentials } = target.s3;
    this.#store = new S3Store({
      bucket,
      owner,
      client: { endpoint, region, credentials, forcePathStyle: true },
    });
  }

  /**
   * @param env added to the runner's environment
   * @throws CannotRun where the runtime client is not there
   */
  static async start(env: Record<string, string> = {}): Promise<LambdaSide> {
    const runtime = await findRuntime();
    if ('missing' in runtime) throw new CannotRun(runtime.missing);
    const bundle = fileURLToPath(new URL('../test/fixtures/lambda/bare.mjs', import.meta.url));
    const bare = { bundle, timeoutSeconds: 300, memoryMb: 1024 };
    // Both sides run the interpreter under /usr.
    const runnerEnv = { PATH: '/usr/bin:/bin', ...env };
    const seconds = { runnerSeconds: 300, controlSeconds: 300 };
    return new LambdaSide(await startDeployed({ ...seconds, runnerEnv, beside: { [BARE]: bare } }));
  }

  /** The deployed backend. */
  get sandbox(): Sandbox {
    return this.#target.sandbox;
  }

  /** Runs a Python program on the deployed backend to its terminal event and times it. */
  async timed(code: string, limits: RequestedLimits = {}, onOutput?: OnOutput): Promise<TimedRun> {
    const started = performance.now();
    const timed: TimedRun = { ms: 0, eventMs: Number.NaN, firstMs: Number.NaN, bytes: 0 };
    let end: RunEvent | undefined;
    const { interpreter: _, ...program } = pythonRequest(code, limits);
    const request: RunRequest = { ...program, network: 'open' };
    for await (const event of follow(this.#target.sandbox, { request })) {
      if (end === undefined) timed.eventMs = performance.now() - started;
      end = event;
      if (event.type !== 'output' || event.stream !== 'stdout') continue;
      if (timed.bytes === 0) timed.firstMs = performance.now() - started;
      timed.bytes += outputBytes(event);
      onOutput?.(event.text ?? '');
    }
    timed.ms = performance.now() - started;
    requireCompleted(end);
    return timed;
  }

  /** Runs it by the bare function. */
  async bare(code: string, onOutput?: OnOutput): Promise<TimedRun> {
    const started = performance.now();
    const timed: TimedRun = { ms: 0, eventMs: Number.NaN, firstMs: Number.NaN, bytes: 0 };
    const events = await openStream(this.#client, BARE, { file: systemPython(), args: ['-c', code] });
    for (let next = await events.next(); !next.done; next = await events.next()) {
      const { PayloadChunk, InvokeComplete } = next.value;
      if (InvokeComplete?.ErrorCode) throw new Error(`the bare function failed: ${InvokeComplete.ErrorCode}`);
      let piece = PayloadChunk?.Payload ?? new Uint8Array();
      if (piece.length > 0 && Number.isNaN(timed.eventMs)) {
        timed.eventMs = performance.now() - started;
        piece = piece.subarray(1);
      }
      if (piece.length === 0) continue;
      if (timed.bytes === 0) timed.firstMs = performance.now() - started;
      timed.bytes += piece.length;
      onOutput?.(Buffer.from(piece).toString());
    }
    timed.ms = performance.now() - started;
    return timed;
  }

  /** Milliseconds of a conditional write to the store. */
  async write(): Promise<number> {
    const started = performance.now();
    const key = `measured/${String(this.#writes++)}`;
    await this.#store.put(key, Buffer.from('{"measured":true}\n'), { ifNoneMatch: '*' });
    return performance.now() - started;
  }

  async dispose(): Promise<void> {
    this.#client.destroy();
    await this.#target.dispose();
  }
}
