import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { listen } from './listen.ts';

// Runs in the box as the parent of a program that speaks to no unix socket: bridge.mjs PORT SOCKET -- ARGV…
// The program's input and output are its own; its signals and its end are passed on.
const [port = '', socket = '', , program = '', ...args] = process.argv.slice(2);
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

await listen(Number(port), socket);
const { OFFLOAD_NODE_OPTIONS: nodeOptions, ...env } = process.env;
// It is for bridges alone, of which one may start another.
if (program !== process.execPath) delete env['ELECTRON_RUN_AS_NODE'];
const child = spawn(program, args, {
  stdio: 'inherit',
  env: nodeOptions === undefined ? env : { ...env, NODE_OPTIONS: nodeOptions },
});
for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal));
child.once('error', ({ message }) => {
  console.error(`${program} cannot be started: ${message}`);
  process.exit(127);
});
child.once('exit', (code, signal) => {
  process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
});
