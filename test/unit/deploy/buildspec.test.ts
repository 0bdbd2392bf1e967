import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { parseTemplate } from '../../support/aws/cloudformation/template.ts';

const file = (name: string): string => fileURLToPath(new URL(`../../../backend/${name}`, import.meta.url));
const text = (name: string): string => readFileSync(file(name), 'utf8');

const execute = promisify(execFile);

interface BuildSpec {
  version: number;
  env: { variables: Record<string, string> };
  phases: Record<string, { commands: unknown[] }>;
}

describe('what CodeBuild does', () => {
  const spec = parse(text('buildspec.yaml')) as BuildSpec;
  const commands = Object.values(spec.phases).flatMap((phase) => phase.commands);

  it('is commands in phases that it knows', () => {
    assert.equal(spec.version, 0.2);
    assert.deepEqual(Object.keys(spec.phases), ['pre_build', 'build', 'post_build']);
    for (const command of commands) assert.equal(typeof command, 'string', JSON.stringify(command));
  });

  it('uses the variables that it is given, and all of them', () => {
    const project = parseTemplate(text('template.yaml')).Resources['BuildProject']?.Properties as {
      Environment: { EnvironmentVariables: { Name: string }[] };
    };
    // The tag comes with each build.
    const given = [...project.Environment.EnvironmentVariables.map(({ Name }) => Name), 'TAG'].sort();
    const used = commands.join('\n').matchAll(/\$\{?([A-Z_]+)/g);
    const own = new Set(
      [...used].map(([, name = '']) => name).filter((name) => !name.startsWith('CODEBUILD_')),
    );
    assert.deepEqual([...own].sort(), given);
  });

  it('pushes what was built, and one image without attestations, which Lambda takes', () => {
    assert(commands.some((command) => /docker build .*--provenance=false/.test(String(command))));
    assert(commands.some((command) => String(command).includes('SUCCEEDING" = 1 ] && docker push')));
    // `RUN --mount` is BuildKit's.
    assert.equal(spec.env.variables['DOCKER_BUILDKIT'], '1');
  });

  it('prints the size of what was built, and pushes nothing that is too large', async () => {
    const build = spec.phases['build']?.commands ?? [];
    // A command that fails in this phase leaves nothing to push.
    const check = build.map(String).find((command) => command.includes('check-size.sh')) ?? '';
    assert.match(String(build[0]), /docker build/);
    const run = (size: string): Promise<{ stdout: string }> =>
      execute('sh', ['-c', `${check} sh -c 'echo ${size}' docker`], {
        cwd: file('.'),
        env: { PATH: process.env['PATH'], REPOSITORY: 'registry/offload', TAG: 'tag' },
      });
    assert.match((await run('1600000000')).stdout, /has 1600000000 bytes/);
    await assert.rejects(run('1600000001'), { stdout: /has 1600000001 bytes/, stderr: /too large/ });
    await assert.rejects(run('x; false'));
  });

  it('finds in the backend’s folder what the Dockerfile copies', () => {
    const copied = [...text('Dockerfile').matchAll(/^COPY (?!--from)(?:--\S+ )*(.*) \S+$/gm)].flatMap(
      ([, names = '']) => names.split(' '),
    );
    assert(copied.length >= 5);
    for (const name of copied) {
      // What the build makes.
      if (name === '*.mjs' || name === 'build.json') continue;
      assert(existsSync(file(name)), name);
    }
  });
});
