import type * as vscode from 'vscode';
import { AGENTS, type CatalogAgent } from '../../core/agents/catalog.ts';
import { findAgent, type FoundAgent } from '../../core/agents/find-agent.ts';
import { installAgent, type InstallOptions } from '../../core/agents/install-agent.ts';
import { thisPlatform } from '../../core/agents/platform.ts';
import { OffloadError } from '../../protocol/error.ts';
import { size } from '../counted.ts';
import type { Dialogs } from '../dialogs.ts';
import { SettingError } from '../settings/setting.ts';
import type { TaskSettings } from '../settings/task-settings.ts';
import type { OfferedAgent } from './ask-options.ts';
import type { Waiting } from './waiting.ts';

/** An agent whose program is there. */
export interface ReadyAgent {
  id: string;
  name: string;
  /** Absolute. */
  program: string;
  args: string[];
}

export interface AgentProgramsOptions {
  /** Where agents are installed that the user has agreed to. */
  folder: string;
  dialogs: () => Dialogs;
  log: vscode.LogOutputChannel;
  /** Opens an address outside of the editor. */
  openLink: (address: string) => Thenable<unknown>;
  /** npm's program and its environment, where they are not the user's usual ones. */
  npm?: Pick<InstallOptions, 'npm' | 'env'>;
}

/** Names of models that an agent knows by itself. Any other can be typed. */
const MODELS: Readonly<Record<string, OfferedAgent['models']>> = {
  'claude-code': [
    { id: 'sonnet', label: 'Sonnet' },
    { id: 'opus', label: 'Opus' },
    { id: 'haiku', label: 'Haiku' },
  ],
};

/** Milliseconds that a found program is not looked for again: asking for its version starts it. */
const KNOWN_MS = 5 * 60_000;

interface Known {
  where: string;
  at: number;
  found: Promise<FoundAgent | undefined>;
}

/** The agents' programs on this machine: found, or installed by the user's yes. */
export class AgentPrograms {
  readonly #options: AgentProgramsOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: AgentProgramsOptions) {
    this.#options = options;
  }

  /** What can be chosen, with what there is of it. Never throws. */
  async offered(settings: TaskSettings): Promise<OfferedAgent[]> {
    return Promise.all(
      AGENTS.map(async ({ id, name }) => {
        const detail = await this.#find(id, settings).then(
          (found) => found?.version ?? 'not installed yet',
          () => 'cannot be started',
        );
        return { id, label: name, detail, models: MODELS[id] ?? [] };
      }),
    );
  }

  /**
   * An agent that can be started. One that is not there is installed, where the user agrees.
   * @throws OffloadError `no-agent`, `bad-setting`; an AbortError where the user wants no more of it
   */
  async ready(id: string, settings: TaskSettings, waiting: Waiting): Promise<ReadyAgent> {
    const agent = AGENTS.find((each) => each.id === id);
    if (agent === undefined) {
      const known = AGENTS.map((each) => each.id).join(', ');
      throw new SettingError('offload.task.agent', `there is no agent "${id}"; there are ${known}`);
    }
    waiting.onStep(`looking for ${agent.name}…`);
    const found = await this.#find(id, settings);
    const program = found?.program ?? (await this.#install(agent, waiting));
    return { id, name: agent.name, program, args: [...agent.args] };
  }

  #find(id: string, { programs }: TaskSettings): Promise<FoundAgent | undefined> {
    const sources = { setting: programs[id], path: process.env['PATH'], storage: this.#options.folder };
    const where = JSON.stringify(sources);
    const known = this.#known.get(id);
    if (known?.where === where && Date.now() - known.at < KNOWN_MS) return known.found;
    const found = findAgent(id, sources);
    this.#known.set(id, { where, at: Date.now(), found });
    // What is not there, or does not run, may be put right at any time.
    found.then(
      (agent) => agent === undefined && this.#known.delete(id),
      () => this.#known.delete(id),
    );
    return found;
  }

  async #install(agent: CatalogAgent, { onStep, signal }: Waiting): Promise<string> {
    const { folder, log, npm } = this.#options;
    if (!(await this.#agrees(agent))) {
      throw new OffloadError('no-agent', `${agent.name} is not installed on this machine.`, {
        fix: `Try again to have it installed, or set the path of its program in offload.agents.${agent.id}.path.`,
      });
    }
    onStep(`installing ${agent.name} (about ${size(agent.bytes)})…`);
    const program = await installAgent(agent.id, {
      ...npm,
      storage: folder,
      signal,
      onLine: (line) => {
        log.info(`npm: ${line}`);
      },
    });
    log.info(`${agent.name} ${agent.version} is installed: ${program}`);
    return program;
  }

  async #agrees(agent: CatalogAgent): Promise<boolean> {
    const { name, licence, bytes } = agent;
    const { dialogs, folder, openLink } = this.#options;
    for (;;) {
      const answer = await dialogs().ask({
        severity: 'info',
        modal: true,
        message: `${name} is not installed. Install it?`,
        detail: [
          `Version ${agent.version}, about ${size(bytes)}, by your own npm (package ${agent.packages(thisPlatform())[0]}) into a folder of this extension:\n${folder}`,
          `Licence: ${licence.name}\n${licence.url}\nBy installing it you accept that licence.`,
          'It runs inside the sandbox alone. No script of the package is run.',
        ].join('\n\n'),
        buttons: ['Install', 'Read Licence'],
      });
      if (answer !== 'Read Licence') return answer === 'Install';
      await openLink(licence.url);
    }
  }
}
