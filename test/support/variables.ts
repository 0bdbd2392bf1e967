/** Sets variables of this process, or takes them away; gives what puts back what was there. */
export function setVariables(variables: Record<string, string | undefined>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  put(Object.entries(variables));
  return () => put(before);
}

function put(variables: readonly (readonly [string, string | undefined])[]): void {
  for (const [name, value] of variables) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}
