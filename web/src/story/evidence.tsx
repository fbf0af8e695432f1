/** Evidence that a check left, expected and found values, under names that people read. */
import type { ReactNode } from "react";
import type { SignIn } from "../api/sign-ins.ts";

const names: Readonly<Record<string, string>> = {
  in: "Where",
  expected: "Expected",
  found: "Found",
  now: "Time at this server",
  notBefore: "Valid from",
  notOnOrAfter: "Valid until",
  sessionNotOnOrAfter: "Session until",
  validUntil: "Metadata valid until",
  assertionId: "Assertion",
  inResponseTo: "Answers the request",
  relayState: "RelayState",
  metadataUrl: "Metadata URL",
  lastError: "Last error",
  attribute: "Attribute looked for",
  attributeNames: "Attributes that came",
  method: "Way",
  limitBytes: "Limit in bytes",
  required: "Required",
  missing: "Missing",
  reason: "Reason",
  isResponseSigned: "Response signed",
  isAssertionSigned: "Assertion signed",
  wasEncrypted: "Assertion encrypted",
  keyFingerprint: "Signing key",
  isSolicited: "Began at this site",
  statusCode: "Status code",
  statusMessage: "Status message",
};

/** The facts, in the order in which they were left. Hints are not among them: see `hintsOf`. */
export function evidenceFacts(
  evidence: SignIn["evidence"],
): readonly (readonly [name: string, value: ReactNode])[] {
  return Object.entries(evidence)
    .filter(([name]) => name !== "hints")
    .map(([name, value]) => [nameOf(name), <Value key={name} value={value} />] as const);
}

/** Hints of the check itself, beside the hint of its code. */
export function hintsOf({ hints }: SignIn["evidence"]): readonly string[] {
  return Array.isArray(hints) ? hints.map(String) : [];
}

/** A name that this page does not know becomes words: "digestMethod", "Digest method". */
function nameOf(name: string): string {
  if (Object.hasOwn(names, name)) return names[name] ?? name;
  const words = name.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function Value({ value }: { readonly value: unknown }): ReactNode {
  if (value === null || value === undefined || value === "") return "Nothing";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return value.toLocaleString();
  if (value === "password") return "Password";
  if (typeof value === "string") return <Written text={value} />;
  if (!Array.isArray(value)) return <span className="lg-code">{JSON.stringify(value)}</span>;
  if (value.length === 0) return "Nothing";
  return (
    <ul className="lg-changes">
      {[...new Set(value.map(String))].map((text) => (
        <li key={text}>
          <Written text={text} />
        </li>
      ))}
    </ul>
  );
}

/** Sentences as text, everything else as the technical value that it is. */
function Written({ text }: { readonly text: string }) {
  return /\s\S+\s/.test(text) ? text : <span className="lg-code">{text}</span>;
}
