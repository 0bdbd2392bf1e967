import { randomUUID } from 'node:crypto';
import type { Build } from '@aws-sdk/client-codebuild';
import { OffloadError } from '../../protocol/error.ts';
import { BuildLog } from './build-log.ts';
import { patiently } from './patience.ts';
import type { Architecture } from './architecture.ts';
import type { Step } from './steps.ts';
import { pauses, until, type Work } from './work.ts';

/** A build of the image. */
export interface BuildOrder {
  project: string;
  /** `bucket/key` of the zip. */
  source: string;
  tag: string;
  architecture: Architecture;
}

/** The machines that build, as the template has them: an image is built on its own architecture. */
export const MACHINES = {
  arm64: { type: 'ARM_CONTAINER', image: 'aws/codebuild/amazonlinux-aarch64-standard:3.0' },
  x86_64: { type: 'LINUX_CONTAINER', image: 'aws/codebuild/amazonlinux-x86_64-standard:5.0' },
} as const;

/** Phases of a build in their order, for its progress. The one that takes the time comes after most of the others. */
const PHASES = [
  'SUBMITTED',
  'QUEUED',
  'PROVISIONING',
  'DOWNLOAD_SOURCE',
  'INSTALL',
  'PRE_BUILD',
  'BUILD',
  'POST_BUILD',
  'COMPLETED',
];

/** Lines at the end of the log that a failure tells. */
const TOLD_LINES = 12;

/**
 * Has CodeBuild build and push the image, and follows it. A build of the same tag that is under way is joined: somebody
 * else's, or our own of before the window closed. Stopped by its signal, a build that it started is stopped too.
 * @throws OffloadError `deploy-failed` with the phase, the reason and the end of the log
 */
export async function buildImage(work: Work, step: Step, order: BuildOrder): Promise<void> {
  const running = await runningBuild(work, order);
  const id = running ?? (await startBuild(work, order));
  if (running !== undefined) step.detail('joins a build that is under way');
  try {
    work.signal.throwIfAborted();
    await followBuild(work, step, id);
  } catch (error) {
    if (work.signal.aborted && running === undefined) await stopBuild(work, id);
    throw error;
  }
}

/** A build that goes on for the same tag. Only the latest are looked at: one build takes minutes. */
async function runningBuild(work: Work, { project, tag }: BuildOrder): Promise<string | undefined> {
  const { ListBuildsForProjectCommand, BatchGetBuildsCommand } = await import('../aws/sdk/codebuild.ts');
  const client = await work.aws.codeBuild();
  const { ids = [] } = await client.send(
    new ListBuildsForProjectCommand({ projectName: project, sortOrder: 'DESCENDING' }),
    until(work),
  );
  if (ids.length === 0) return undefined;
  const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids: ids.slice(0, 5) }), until(work));
  return builds.find(
    ({ buildComplete, environment }) =>
      buildComplete !== true &&
      environment?.environmentVariables?.some(({ name, value }) => name === 'TAG' && value === tag),
  )?.id;
}

async function startBuild(work: Work, { project, source, tag, architecture }: BuildOrder): Promise<string> {
  const { StartBuildCommand } = await import('../aws/sdk/codebuild.ts');
  const client = await work.aws.codeBuild();
  const machine = MACHINES[architecture];
  const { build } = await client.send(
    new StartBuildCommand({
      projectName: project,
      sourceTypeOverride: 'S3',
      sourceLocationOverride: source,
      environmentTypeOverride: machine.type,
      imageOverride: machine.image,
      environmentVariablesOverride: [{ name: 'TAG', value: tag, type: 'PLAINTEXT' }],
      // One for this attempt: the same token would give a build that has failed.
      idempotencyToken: randomUUID(),
    }),
    // Not broken off: a build whose id we never heard could not be stopped.
  );
  if (build?.id === undefined)
    throw new OffloadError('deploy-failed', 'CodeBuild started no build.', { fix: 'Try again.' });
  return build.id;
}

async function followBuild(work: Work, step: Step, id: string): Promise<void> {
  const { BatchGetBuildsCommand } = await import('../aws/sdk/codebuild.ts');
  const client = await work.aws.codeBuild();
  const pause = pauses(work);
  const ask = patiently(work, step);
  const log = new BuildLog(work, step);
  let phase = '';
  for (;;) {
    const command = new BatchGetBuildsCommand({ ids: [id] });
    const { builds = [] } = await ask(() => client.send(command, until(work)));
    const [build] = builds;
    if (build === undefined) {
      throw new OffloadError('deploy-failed', 'The build is no longer there: somebody deleted it.', {
        fix: 'Deploy again, which starts another one.',
      });
    }
    await log.read(build);
    if (build.currentPhase !== undefined && build.currentPhase !== phase) {
      phase = build.currentPhase;
      if (PHASES.includes(phase)) step.progress(PHASES.indexOf(phase) / (PHASES.length - 1));
      step.detail(phase.toLowerCase().replaceAll('_', ' '));
    }
    if (build.buildComplete === true) {
      // What it wrote last comes late.
      await log.read(build);
      if (build.buildStatus !== 'SUCCEEDED') throw buildFailed(build, log.tail(TOLD_LINES));
      return;
    }
    await pause();
  }
}

function buildFailed({ phases, buildStatus }: Build, tail: readonly string[]): OffloadError {
  const failed = phases?.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== 'SUCCEEDED');
  const where = failed?.phaseType === undefined ? '' : ` in the phase ${failed.phaseType}`;
  const why = failed?.contexts
    ?.map(({ message }) => message)
    .find((message) => message !== undefined && message !== '');
  const said = tail.length === 0 ? '' : ` Its log ends with: ${tail.join(' | ')}`;
  const what = buildStatus === 'STOPPED' ? 'was stopped by somebody' : `failed${where}`;
  return new OffloadError(
    'deploy-failed',
    `The build of the image ${what}: ${why ?? String(buildStatus)}.${said}`,
    {
      fix:
        buildStatus === 'STOPPED'
          ? 'Deploy again to start another one.'
          : 'See its whole log with "offload logs build"; deploying again builds anew.',
    },
  );
}

/** Stops what we started; the work itself is stopped already. */
async function stopBuild({ aws }: Work, id: string): Promise<void> {
  const { StopBuildCommand } = await import('../aws/sdk/codebuild.ts');
  const client = await aws.codeBuild();
  await client.send(new StopBuildCommand({ id })).catch(() => undefined);
}
