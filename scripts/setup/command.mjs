import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * PATH without the folders that npm puts in front of it for a script: they hide the machine's own programs
 * (`node` among them) behind those of the project.
 */
export function machinePath(path = process.env.PATH ?? '') {
  return path
    .split(delimiter)
    .filter((folder) => !/node_modules[\\/](\.bin|npm[\\/].*|@npmcli[\\/].*)$/.test(folder))
    .join(delimiter);
}

/** The absolute path of a program of the machine, or undefined. */
export function findProgram(name, path = machinePath()) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const folder of path.split(delimiter).filter(Boolean)) {
    for (const ending of endings) {
      const file = join(folder, name + ending);
      if (isProgram(file)) return file;
    }
  }
  return undefined;
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** A program ended because whoever runs the script wants it to end. */
export class Interrupted extends Error {
  name = 'Interrupted';
}

/**
 * Calls `listener` with the name of each signal that asks this script to end, which then does nothing else; and with
 * SIGTERM when who started the script is gone, as a shell between npm and us is that was ended without passing it on.
 * Gives a function that stops this.
 */
export function onAskedToEnd(listener) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, listener);
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    listener('SIGTERM');
  }, 500).unref();
  return () => {
    for (const signal of signals) process.off(signal, listener);
    clearInterval(timer);
  };
}

/** What ends each program that runs; undefined once nothing is to run any more. */
let running = new Set();

/** Ends the programs that `run` has started, which throws Interrupted for them and for what is to be started after. */
export function endRunning() {
  const ends = running ?? [];
  running = undefined;
  for (const end of ends) end('SIGTERM');
}

/**
 * Runs a program to its end and gives its exit code (128 + n for a signal). Its output goes to ours, or is
 * appended to the file `log`. A signal to us goes to the program; when that has ended, Interrupted is thrown.
 * Rejects also when the program cannot be started.
 * @param later a promise of a message to the program, which is a Node; where it rejects, the program is ended, and that is
 *   what is thrown
 */
export function run(file, args, { cwd, env = process.env, log, later } = {}) {
  return new Promise((resolve, reject) => {
    if (running === undefined) throw new Interrupted();
    const output = log === undefined ? 'inherit' : openSync(log, 'a');
    const stdio = ['ignore', output, output, ...(later === undefined ? [] : ['ipc'])];
    const child = spawn(file, args, { cwd, env, stdio });
    if (typeof output === 'number') closeSync(output);
    let failure;
    const end = (signal, why = new Interrupted()) => {
      failure ??= why;
      child.kill(signal);
    };
    running.add(end);
    const stopForwarding = onAskedToEnd((signal) => end(signal));
    const settle = (how, what) => {
      stopForwarding();
      running?.delete(end);
      how(what);
    };
    child.once('error', (error) => settle(reject, error));
    child.once('exit', (code, signal) => {
      if (failure !== undefined) settle(reject, failure);
      else settle(resolve, code ?? 128 + (system.signals[signal] ?? 0));
    });
    later?.then(
      (message) => {
        // It may have ended; what it came to is its exit code.
        // The program ends the channel: one that is ended here loses what a busy program has not heard yet.
        if (child.connected) child.send(message, () => undefined);
      },
      (error) => end('SIGTERM', error),
    );
  });
}

/** What a program prints to stdout, trimmed; undefined when it fails or cannot be started. */
export function output(file, args, { cwd, env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code === 0 ? text.trim() : undefined));
  });
}
