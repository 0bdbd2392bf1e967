import * as vscode from 'vscode';
import { policyText, POLICIES } from '../../core/deploy/policies.ts';
import type { Dialogs } from '../dialogs.ts';
import { readAwsSettings } from '../settings/read-settings.ts';

/** Shows what a user of AWS needs to be allowed, to copy it from there. @param name asked for where it is none */
export async function showPolicy(dialogs: Dialogs, name: unknown): Promise<void> {
  const known = Object.keys(POLICIES) as (keyof typeof POLICIES)[];
  let policy = known.find((each) => each === name);
  if (policy === undefined) {
    const items = [
      {
        label: 'Deploy',
        description: 'what deploying and removing a backend needs',
        policy: 'deploy' as const,
      },
      { label: 'Use', description: 'what running code and tasks in one needs', policy: 'use' as const },
    ];
    policy = (await dialogs.pick(items, 'Show AWS Policy', 'For what?'))?.policy;
  }
  if (policy === undefined) return;
  const content = policyText(policy, readAwsSettings().stack);
  await vscode.window.showTextDocument(
    await vscode.workspace.openTextDocument({ language: 'json', content }),
  );
}
