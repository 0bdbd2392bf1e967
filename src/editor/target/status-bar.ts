import * as vscode from 'vscode';
import { targetId, targetLabel, type Target } from '../../core/targets/target.ts';
import type { Capabilities } from '../../protocol/reply.ts';
import type { Targets } from './targets.ts';

/** Where runs go, in the status bar: there while that is elsewhere, or could be: in containers, or in AWS. A click chooses. */
export class TargetStatusBar implements vscode.Disposable {
  readonly #targets: Targets;
  readonly #item: vscode.StatusBarItem;
  readonly #subscription: vscode.Disposable;

  constructor(targets: Targets) {
    this.#targets = targets;
    this.#item = vscode.window.createStatusBarItem('offload.target', vscode.StatusBarAlignment.Left, 9);
    this.#item.name = 'Offload Target';
    this.#item.command = 'offload.chooseTarget';
    const update = () => void this.#update();
    this.#subscription = vscode.Disposable.from(
      targets.onDidChange(update),
      vscode.workspace.onDidGrantWorkspaceTrust(update),
      // Deployed or destroyed in a terminal or another window.
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) update();
      }),
    );
    update();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#item.dispose();
  }

  async #update(): Promise<void> {
    const offered = vscode.workspace.isTrusted ? await this.#targets.offered() : [];
    const { chosen } = this.#targets;
    const isElsewhere = chosen.kind !== 'local';
    if (!isElsewhere && offered.length < 2) {
      this.#item.hide();
      return;
    }
    const found = offered.find(({ target }) => targetId(target) === targetId(chosen));
    const label = found?.label ?? targetLabel(chosen) + (chosen.kind === 'lambda' ? ' (not known)' : '');
    this.#item.text = `${iconOf(chosen)} ${label}`;
    this.#item.tooltip = [
      `Offload: runs go to ${label}. Click to choose.`,
      ...(found?.deployment === undefined
        ? []
        : [`Account ${found.deployment.account}, stack ${found.deployment.stack}`]),
      ...capabilityWords(this.#targets.known(chosen)),
    ].join('\n');
    this.#item.accessibilityInformation = {
      label: `Offload runs go to ${label}. Activate to choose.`,
      role: 'button',
    };
    this.#item.show();
  }
}

const ICONS: Record<Target['kind'], string> = { local: '$(vm)', container: '$(package)', lambda: '$(cloud)' };

/** The icon of a target, as labels have it. */
export const iconOf = ({ kind }: Target): string => ICONS[kind];

/** What a target can do, a line each. */
function capabilityWords(can: Capabilities | undefined): string[] {
  if (can === undefined) return [];
  const networks = [...can.network, ...(can.networkAllow === true ? ['held to hosts'] : [])];
  const longest = can.maxWallSeconds;
  return [
    `Network: ${networks.join(', ')}`,
    ...(longest === undefined ? [] : [`Longest run: ${String(Math.floor(longest / 60))} min`]),
    ...(can.agents === undefined || can.agents.length === 0 ? [] : [`Agents: ${can.agents.join(', ')}`]),
    can.hostInterpreters
      ? 'Interpreters and agents of this computer'
      : 'Interpreters and agents of its image, not of this computer',
  ];
}
