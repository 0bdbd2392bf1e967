/** What the control function says of itself. */
export const ENVIRONMENT =
  JSON.stringify({
    type: 'environment',
    build: '1.0.0-test',
    node: 'v24.0.0',
    versions: { newest: 1, oldest: 1 },
    capabilities: {
      target: 'lambda',
      isolation: { kind: 'vm', available: true, detail: 'a virtual machine of its own' },
      languages: ['python'],
      network: ['open'],
      limits: ['wallSeconds'],
      maxRequestBytes: 6 * 1024 * 1024,
      attach: true,
      cancel: true,
      hostInterpreters: false,
    },
  }) + '\n';

/** Sets variables of this process, without any other of AWS's; gives what puts back what was there. */
export function setEnvironment(variables: Record<string, string>): () => void {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, variables);
  return () => {
    for (const name of Object.keys(process.env)) {
      if (!(name in before)) Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, before);
  };
}
