/**
 * The Node that Labelgate runs on. Whoever installed the package may have an older one, under which
 * a command would end in the middle, with a stack about a module that is missing.
 */

/** The first major version that will do; `engines` in package.json says the same to npm. */
export const neededNode = 26;

/** A sentence where this version of Node, such as "20.20.2", is too old; else null. */
export function nodeProblem(version: string): string | null {
  const major = Number.parseInt(version, 10);
  if (major >= neededNode) return null;
  return `Labelgate needs Node ${neededNode} or later, and this is Node ${version}. Install a newer one (https://nodejs.org) and run the command again.`;
}
