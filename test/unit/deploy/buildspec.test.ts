import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { parseTemplate } from '../../support/aws/cloudformation/template.ts';

const file = (name: string): string => fileURLToPath(new URL(`../../../backend/${name}`, import.meta.url));
const text = (name: string): string => readFileSync(file(name), 'utf8');

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

  it('finds in the backend’s folder what the Dockerfile copies', () => {
    const copied = [...text('Dockerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    assert(copied.length >= 5);
    for (const name of copied) {
      // What the build makes.
      if (name === '*.mjs' || name === 'build.json') continue;
      assert(existsSync(file(name)), name);
    }
  });
});
