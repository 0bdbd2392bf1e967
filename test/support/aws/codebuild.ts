import { createHash } from 'node:crypto';
import * as client from '@aws-sdk/client-codebuild';
import type { Account } from './account.ts';
import { AwsError } from './aws-error.ts';
import type { Ecr } from './ecr.ts';
import { jsonWire } from './json.ts';
import type { Logs } from './logs.ts';
import type { S3 } from './s3.ts';
import type { Service } from './service.ts';

/** What of a project's template the fake uses. */
export interface Project {
  group: string;
  repository: string;
}

/** What a build reads and writes. */
interface Sources {
  readonly ecr: Ecr;
  readonly logs: Logs;
  readonly s3: S3;
}

interface Build {
  id: string;
  project: string;
  status: string;
  phase: string;
  token: string | undefined;
  source: string;
  tag: string;
  polls: number;
}

const PHASES = ['SUBMITTED', 'QUEUED', 'PROVISIONING', 'PRE_BUILD', 'BUILD', 'POST_BUILD', 'COMPLETED'];

/** AWS CodeBuild: a build takes the source from the bucket, writes its log and pushes an image, a phase at each look. */
export class CodeBuild implements Service {
  readonly name = 'codebuild';
  readonly wire = jsonWire(client, 'CodeBuild_20161006');
  readonly projects = new Map<string, Project>();
  readonly builds: Build[] = [];
  /** The lines that a build writes in a phase; a phase named here with `FAILED` fails. */
  readonly script = new Map<string, string>([['BUILD', '#5 [system 2/5] RUN apt-get update']]);
  failsIn: string | undefined;
  /** Looks that a build takes for each phase. */
  looks = 1;
  readonly #account: Account;
  readonly #aws: Sources;

  constructor(account: Account, aws: Sources) {
    this.#account = account;
    this.#aws = aws;
  }

  readonly operations = {
    StartBuild: (input: client.StartBuildCommandInput) => {
      const project = input.projectName ?? '';
      this.#may('codebuild:StartBuild', project);
      if (!this.projects.has(project))
        throw new AwsError('ResourceNotFoundException', `Project cannot be found: ${project}`);
      const again = this.builds.find(({ token }) => token !== undefined && token === input.idempotencyToken);
      if (again !== undefined) return { build: describe(this.#account, again, this.projects) };
      const source = input.sourceLocationOverride ?? '';
      const tag = input.environmentVariablesOverride?.find(({ name }) => name === 'TAG')?.value ?? '';
      const id = `${project}:${createHash('sha1').update(String(this.builds.length)).digest('hex')}`;
      const token = input.idempotencyToken;
      const build = { id, project, status: 'IN_PROGRESS', phase: 'SUBMITTED', token, source, tag, polls: 0 };
      this.builds.push(build);
      return { build: describe(this.#account, build, this.projects) };
    },
    ListBuildsForProject: ({ projectName = '' }: client.ListBuildsForProjectCommandInput) => {
      this.#may('codebuild:ListBuildsForProject', projectName);
      const ids = this.builds.filter(({ project }) => project === projectName).map(({ id }) => id);
      return { ids: ids.reverse() };
    },
    BatchGetBuilds: (input: client.BatchGetBuildsCommandInput) => {
      const found = this.builds.filter(({ id }) => input.ids?.includes(id));
      for (const build of found) {
        this.#may('codebuild:BatchGetBuilds', build.project);
        this.#advance(build);
      }
      return { builds: found.map((build) => describe(this.#account, build, this.projects)) };
    },
    StopBuild: (input: client.StopBuildCommandInput) => {
      const build = this.builds.find(({ id }) => id === input.id);
      if (build === undefined) throw new AwsError('ResourceNotFoundException', 'no build');
      this.#may('codebuild:StopBuild', build.project);
      if (build.status === 'IN_PROGRESS') build.status = 'STOPPED';
      return { build: describe(this.#account, build, this.projects) };
    },
  };

  #advance(build: Build): void {
    if (build.status !== 'IN_PROGRESS' || ++build.polls % this.looks !== 0) return;
    const project = this.projects.get(build.project);
    if (project === undefined) return;
    build.phase = PHASES[PHASES.indexOf(build.phase) + 1] ?? 'COMPLETED';
    const said = this.script.get(build.phase);
    if (said !== undefined) this.#aws.logs.write(project.group, streamOf(build), `${said}\n`);
    if (build.phase === this.failsIn) build.status = 'FAILED';
    if (build.phase === 'BUILD') {
      const [bucket = '', ...key] = build.source.split('/');
      if (this.#aws.s3.buckets.get(bucket)?.objects.get(key.join('/')) === undefined) build.status = 'FAILED';
    }
    if (build.phase !== 'COMPLETED' || build.status !== 'IN_PROGRESS') return;
    try {
      this.#aws.ecr.push(project.repository, build.tag);
      build.status = 'SUCCEEDED';
    } catch {
      build.status = 'FAILED';
    }
  }

  #may(action: string, project: string): void {
    this.#account.use(action, this.#account.arn('codebuild', `project/${project}`));
  }
}

const streamOf = ({ id }: Build): string => id.split(':')[1] ?? '';

function describe(account: Account, build: Build, projects: ReadonlyMap<string, Project>): client.Build {
  const failed = build.status === 'FAILED';
  return {
    id: build.id,
    arn: account.arn('codebuild', `build/${build.id}`),
    projectName: build.project,
    buildStatus: build.status as client.StatusType,
    currentPhase: failed ? 'COMPLETED' : build.phase,
    environment: {
      type: 'ARM_CONTAINER',
      image: 'aws/codebuild/amazonlinux-aarch64-standard:3.0',
      computeType: 'BUILD_GENERAL1_SMALL',
      environmentVariables: [{ name: 'TAG', value: build.tag }],
    },
    buildComplete: build.status !== 'IN_PROGRESS',
    phases: failed
      ? [
          {
            phaseType: build.phase as client.BuildPhaseType,
            phaseStatus: 'FAILED',
            contexts: [
              {
                statusCode: 'COMMAND_EXECUTION_ERROR',
                message: 'Error while executing command: docker build. Reason: exit status 1',
              },
            ],
          },
        ]
      : [],
    logs: { groupName: projects.get(build.project)?.group, streamName: streamOf(build) },
  };
}
