/** The action, and the resource if it is named, that AWS refuses in a text of its own; undefined for another text. */
export function missingPermission(text: string): string | undefined {
  const [, action, resource] = /not authorized to perform:? (\S+)(?: on resource:? (\S+))?/.exec(text) ?? [];
  if (action === undefined) return undefined;
  return resource === undefined ? action : `${action} on ${resource}`;
}
