/**
 * The field, unless its map or list is empty: an empty one is not kept by the API server, so that every later preview
 * would show it as a change.
 */
export function present<Key extends string, Value extends object>(
  key: Key,
  value: Value,
): { [field in Key]?: Value } {
  return Object.keys(value).length === 0 ? {} : ({ [key]: value } as { [field in Key]: Value });
}
