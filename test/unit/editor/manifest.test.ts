import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AWS_SETTINGS } from '../../../src/editor/settings/aws-settings.ts';
import { SECTION } from '../../../src/editor/settings/setting.ts';
import { REVIEW_MODES, SETTINGS } from '../../../src/editor/settings/settings.ts';
import { PROVIDERS, TASK_SETTINGS } from '../../../src/editor/settings/task-settings.ts';
import { LANGUAGES } from '../../../src/protocol/languages.ts';

interface Property {
  scope: string;
  order: number;
  default: unknown;
  minimum?: number;
  maximum?: number;
  enum?: string[];
  properties?: object;
}
interface Manifest {
  icon: string;
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string }[];
    menus: Record<string, { command: string; when: string }[]>;
    keybindings: { command: string; when: string }[];
    configuration: { properties: Record<string, Property> };
    views: Record<string, { icon: string }[]>;
  };
}

const root = new URL('../../../', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as Manifest;
const { commands, menus, keybindings, configuration, views } = manifest.contributes;
const { properties } = configuration;

describe('the manifest', () => {
  it('has the settings that the code reads, with the same defaults and bounds', () => {
    assert.deepEqual(
      Object.keys(properties).sort(),
      Object.keys({ ...SETTINGS, ...TASK_SETTINGS, ...AWS_SETTINGS })
        .map((name) => `${SECTION}.${name}`)
        .sort(),
    );
    for (const [name, { schema, default: fallback }] of Object.entries({
      ...SETTINGS,
      ...TASK_SETTINGS,
      ...AWS_SETTINGS,
    })) {
      const property = properties[`${SECTION}.${name}`];
      assert.ok(property);
      assert.deepEqual(property.default, fallback, name);
      for (const bound of [property.minimum, property.maximum]) {
        if (bound !== undefined)
          assert.ok(schema.safeParse(bound).success, `${name} can be ${String(bound)}`);
      }
      if (property.minimum !== undefined) assert.ok(!schema.safeParse(property.minimum - 1).success, name);
      if (property.maximum !== undefined) assert.ok(!schema.safeParse(property.maximum + 1).success, name);
    }
    assert.deepEqual(properties['offload.reviewOnFinish']?.enum, [...REVIEW_MODES]);
    assert.deepEqual(properties['offload.task.provider']?.enum, [...PROVIDERS]);
    assert.deepEqual(
      Object.keys(properties['offload.interpreters']?.properties ?? {}),
      LANGUAGES.map(({ id }) => id),
    );
  });

  it('lets a workspace set how results are shown and what a task is, and nothing that costs, runs or opens', () => {
    const free = Object.entries(properties).filter(([, { scope }]) => scope !== 'machine');
    assert.deepEqual(
      free.map(([id]) => id).sort(),
      [
        'offload.reviewOnFinish',
        'offload.task.agent',
        'offload.task.check',
        'offload.task.execute',
        'offload.task.instructions',
        'offload.task.model',
      ],
      'an interpreter, a limit, a budget, a key’s provider, an address, a program or the network is the user’s',
    );
    for (const [id, { scope }] of Object.entries(properties)) {
      if (scope !== 'machine' && !id.startsWith('offload.task.')) continue;
      assert.ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(id), id);
    }
  });

  it('has each setting in a place of its own', () => {
    const orders = Object.values(properties).map(({ order }) => order);
    assert.deepEqual(
      orders.filter((order, i) => orders.indexOf(order) !== i),
      [],
    );
  });

  it('names in menus and keybindings only commands that it has', () => {
    const ids = new Set(commands.map(({ command }) => command));
    const used = [...Object.values(menus).flat(), ...keybindings];
    for (const { command } of used) assert.ok(ids.has(command), command);
  });

  it('offers runs for every language and file ending that can be run, and for no other', () => {
    const places = [...Object.values(menus).flat(), ...keybindings].filter(({ command }) =>
      /run(File|Selection)$/.test(command),
    );
    assert.ok(places.length >= 7);
    for (const { when } of places) {
      const languages = /resourceLangId =~ (\S+)/.exec(when)?.[1];
      const endings = /resourceExtname =~ (\S+)/.exec(when)?.[1];
      assert.ok(languages ?? endings, when);
      if (languages !== undefined) {
        assert.deepEqual(
          choices(languages),
          LANGUAGES.flatMap(({ editorIds }) => editorIds),
        );
      }
      if (endings !== undefined) {
        assert.deepEqual(
          choices(endings).map((each) => `.${each}`),
          LANGUAGES.flatMap(({ extensions }) => extensions),
        );
      }
    }
  });

  it('offers no run where nothing is trusted', () => {
    for (const menu of ['editor/context', 'explorer/context', 'editor/title/run']) {
      for (const { command, when } of menus[menu] ?? []) {
        if (command.includes('.run')) assert.match(when, /isWorkspaceTrusted/, `${menu}: ${command}`);
      }
    }
  });

  it('names pictures that are there', () => {
    for (const path of [
      manifest.icon,
      ...Object.values(views).flatMap((each) => each.map(({ icon }) => icon)),
    ]) {
      assert.ok(existsSync(fileURLToPath(new URL(path, root))), path);
    }
  });
});

/** The choices of a pattern such as `/^(a|b)$/`. */
const choices = (pattern: string): string[] => /\(([^)]*)\)/.exec(pattern)?.[1]?.split('|') ?? [];
