/**
 * Writes our own messages and metadata as XML text. Whatever is interpolated is escaped, and the text
 * is its own exclusive canonical form as long as each prefix is declared where it is first used:
 * declarations come before attributes, both sorted, and no tag is self-closing.
 */
import { escapeAttribute } from "./canonical.ts";

/** One element; attributes with the value null are left out, children are XML already. */
export function writeElement(
  name: string,
  attributes: Readonly<Record<string, string | null>> = {},
  ...children: readonly string[]
): string {
  let tag = `<${name}`;
  for (const key of Object.keys(attributes).sort(byCanonicalOrder)) {
    const value = attributes[key];
    if (value != null) tag += ` ${key}="${escapeAttribute(value)}"`;
  }
  return `${tag}>${children.join("")}</${name}>`;
}

/** Declarations first; names without a prefix stand for no namespace, and we write no others. */
function byCanonicalOrder(left: string, right: string): number {
  const rank = (name: string): number => (name.startsWith("xmlns:") ? 0 : 1);
  return rank(left) - rank(right) || (left < right ? -1 : 1);
}
