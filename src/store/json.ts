/**
 * JSON columns and switches between their stored form and theirs in the program. What is read was
 * written by this folder alone, so it is trusted to have the type that its column always has.
 */

/** The value of a JSON column that always holds a `T`. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text) as T;
}

/** The stored form of a switch. */
export function flag(value: boolean): number {
  return value ? 1 : 0;
}
