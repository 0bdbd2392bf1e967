// The least that a streaming function can be: it runs the program of its event and passes its output on.
import { spawn } from 'node:child_process';

export const handler = awslambda.streamifyResponse(async ({ file, args }, response) => {
  const child = spawn(file, args, { cwd: '/tmp', stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.pipe(response);
  await new Promise((resolve) => response.once('close', resolve).once('finish', resolve));
});
