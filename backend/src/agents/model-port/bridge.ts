import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { listenForModel } from './listen-for-model.ts';

// Runs in the box as the parent of an agent that speaks to no unix socket: bridge.mjs PORT SOCKET -- ARGV…
// The agent's input and output are its own; its signals and its end are passed on.
const [port = '', socket = '', , program = '', ...args] = process.argv.slice(2);
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

await listenForModel(Number(port), socket);
// It is for this process alone.
delete process.env['ELECTRON_RUN_AS_NODE'];
const agent = spawn(program, args, { stdio: 'inherit' });
for (const signal of PASSED_ON) process.on(signal, () => agent.kill(signal));
agent.once('error', ({ message }) => {
  console.error(`${program} cannot be started: ${message}`);
  process.exit(127);
});
agent.once('exit', (code, signal) => {
  process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
});
