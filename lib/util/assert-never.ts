/** Makes the compiler prove that a union is exhausted; reaching it at run time is a bug. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
