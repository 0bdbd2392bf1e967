import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { checkContainer } from '../../core/container/check-container.ts';
import { diagnose, type Check } from '../../core/doctor.ts';
import { diagnoseDeployed } from '../../core/targets/diagnose-target.ts';
import { isAway, type DeployedTo } from '../../core/targets/target.ts';
import { asOffloadError } from '../../protocol/error.ts';
import type { Offload } from '../offload.ts';
import { selectedPython } from '../program/chosen-interpreter.ts';
import { remediesFor } from '../report/remedy.ts';
import { readSettings, readTaskSettings } from '../settings/read-settings.ts';
import type { Targets } from '../target/targets.ts';
import type { AgentPrograms } from '../task/agent-programs.ts';
import type { KeyStore } from '../task/key-store.ts';
import { modelAccess } from '../task/model-access.ts';
import { doctorReport, typedRemedies, type DoctorCheck } from './report.ts';

/** Looks at all that a run needs and opens what was found as a text with buttons. */
export async function showDoctor(offload: Offload): Promise<void> {
  const options = { location: vscode.ProgressLocation.Notification, title: 'Offload Doctor is looking…' };
  const checks = await vscode.window.withProgress(options, () => examine(offload));
  const bad = checks.filter(({ ok }) => !ok);
  for (const { name, detail } of bad) offload.log.warn(`doctor: ${name}: ${detail}`);
  const about = [
    `Offload ${offload.version}, VS Code ${vscode.version}, ${process.platform} ${process.arch}`,
    `Looked at ${new Date().toLocaleString()}`,
  ];
  await offload.doctorDocument.show(doctorReport(checks, about));
}

async function examine({ sandbox, targets, log, agents, keys }: Offload): Promise<DoctorCheck[]> {
  const { check, interpreters } = checkSettings();
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  // A folder that nobody trusts does not choose the version of an interpreter.
  const cwd = vscode.workspace.isTrusted && folder?.scheme === 'file' ? folder.fsPath : homedir();
  const python = interpreters['python'] ?? (await selectedPython(folder, log));
  const chosen = { ...interpreters, ...(python === undefined ? {} : { python }) };
  const found = await diagnose(sandbox, { host: { env: process.env, cwd }, interpreters: chosen });
  const target = targets.chosen;
  const elsewhere = isAway(target) ? await lookAt(targets, target) : [];
  const containers = await checkContainer(targets.openOptions.backendFolder, target.kind === 'container');
  return [
    ...[...found, ...elsewhere, containers].map((each) => ({
      ...each,
      remedies: each.ok ? [] : remediesOf(each),
    })),
    check,
    ...(check.ok ? [await checkTasks(agents, keys)] : []),
    checkTrust(),
  ];
}

async function lookAt(targets: Targets, target: DeployedTo): Promise<Check[]> {
  const { sandbox, aws } = await targets.openForLook(target);
  try {
    return await diagnoseDeployed(target, sandbox, { ...targets.openOptions, aws });
  } finally {
    sandbox.dispose();
  }
}

function remediesOf({ name, fix }: Check): DoctorCheck['remedies'] {
  const typed = typedRemedies(fix);
  if (typed.length > 0 || !name.endsWith('interpreter')) return typed;
  return [{ kind: 'open-setting', label: '$(gear) Open the setting', setting: 'offload.interpreters' }];
}

function checkSettings(): { check: DoctorCheck; interpreters: Readonly<Record<string, string>> } {
  try {
    const { interpreters } = readSettings();
    readTaskSettings();
    return { check: { name: 'Settings', ok: true, detail: 'All can be used.', remedies: [] }, interpreters };
  } catch (thrown) {
    const error = asOffloadError(thrown);
    const remedies = remediesFor(error, false).filter(({ kind }) => kind === 'open-setting');
    const fix = error.fix === undefined ? {} : { fix: error.fix };
    return {
      check: { name: 'Settings', ok: false, detail: error.message, ...fix, remedies },
      interpreters: {},
    };
  }
}

/** What tasks have: whoever runs code alone needs none of it. */
async function checkTasks(agents: AgentPrograms, keys: KeyStore): Promise<DoctorCheck> {
  const settings = readTaskSettings();
  const found = (await agents.offered(settings)).map(({ label, detail }) => `${label}: ${detail}`);
  const access = await modelAccess(settings, keys).then(
    () => `a model by ${settings.provider}`,
    (error: unknown) => asOffloadError(error).message,
  );
  return { name: 'Tasks', ok: true, detail: [...found, access].join('; '), remedies: [] };
}

function checkTrust(): DoctorCheck {
  const name = 'Workspace trust';
  if (vscode.workspace.isTrusted)
    return { name, ok: true, detail: 'This workspace is trusted.', remedies: [] };
  return {
    name,
    ok: false,
    detail: 'This workspace is not trusted, so nothing of it is run.',
    fix: 'Trust it if you know who wrote it.',
    remedies: [{ kind: 'trust', label: '$(workspace-trusted) Manage trust' }],
  };
}
