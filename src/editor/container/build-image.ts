import * as vscode from 'vscode';
import { BUILD_STEP, buildImage, IMAGE_COST, imageName } from '../../core/container/image.ts';
import { findContainer } from '../../core/container/open-container.ts';
import { readBackendSource } from '../../core/deploy/source.ts';
import type { Dialogs } from '../dialogs.ts';
import { isAbort } from '../abort.ts';
import { cancellable } from '../cancellable.ts';
import { plainText } from '../plain-text.ts';
import { requireTrust } from '../trust.ts';

const BUILD = 'Build Image';

/** Characters of a step that are shown. */
const MAX_STEP = 80;

export interface BuildContext {
  dialogs: Dialogs;
  log: vscode.LogOutputChannel;
  /** The built backend. */
  folder: string;
}

/**
 * `Offload: Build Container Image`: makes what runs and tasks in containers have, once its user has agreed.
 * @throws OffloadError `no-engine`, or `no-image` where it cannot be made
 */
export async function buildContainerImage({ dialogs, log, folder }: BuildContext): Promise<void> {
  requireTrust();
  const source = await readBackendSource(folder);
  const name = imageName(source);
  const { engine, image } = await findContainer(folder);
  const by = `${engine.kind} ${plainText(engine.version)}`;
  if (image !== undefined) {
    void dialogs.ask({ severity: 'info', message: `${by} has the image of this version already.` });
    return;
  }
  const agreed = await dialogs.ask({
    severity: 'info',
    modal: true,
    message: `Build the image for containers with ${by}?`,
    detail: `Debian with Python and its science packages, Node, git and Claude Code.\n\n${IMAGE_COST} In a terminal, "${engine.kind} image rm ${name}" takes it away.`,
    buttons: [BUILD],
  });
  if (agreed !== BUILD) return;
  const title = `Offload: building the image with ${engine.kind}`;
  const made = await cancellable(title, (signal, onStep) =>
    buildImage({
      ...{ engine, source, name, signal },
      onLine: (line) => {
        log.info(`image: ${plainText(line)}`);
        if (BUILD_STEP.test(line)) onStep(plainText(line.replace(BUILD_STEP, '')).slice(0, MAX_STEP));
      },
    }),
  ).then(
    () => true,
    (error: unknown) => {
      if (isAbort(error)) return false;
      throw error;
    },
  );
  const message = made
    ? 'The image is made: runs can go to containers now.'
    : 'Stopped. Building again goes on from there.';
  void dialogs.ask({ severity: 'info', message, buttons: made ? [CHOOSE] : [] }).then((answer) => {
    if (answer === CHOOSE) void vscode.commands.executeCommand('offload.chooseTarget');
  });
}

const CHOOSE = 'Choose Where Runs Go…';
