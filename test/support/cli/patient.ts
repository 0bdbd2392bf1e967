import { code } from '../target/code.ts';

/** A Python program that says and makes something first, and goes on with a child that heeds no signal. */
export const PATIENT = code`
  import os, signal, time
  open('made', 'w').write('made')
  for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
      signal.signal(number, signal.SIG_IGN)
  if os.fork() == 0:
      os.setsid()
      time.sleep(600)
  print('first')
  time.sleep(600)
`;
