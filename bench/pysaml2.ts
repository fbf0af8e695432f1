/**
 * pysaml2 as a peer of `npm run bench:saml`: a Python process that is fed batches, where python3 has
 * pysaml2 and the machine has xmlsec1. PYTHON names another interpreter.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Parties } from "./saml-peers.ts";

/** A running pysaml2. */
export interface Pysaml2 {
  /** CPU microseconds that the whole batch cost; throws where an address differs from `email`. */
  measure(fields: readonly string[], email: string): Promise<number>;
  stop(): Promise<void>;
}

const python = process.env["PYTHON"] ?? "python3";

/** Why pysaml2 cannot take part, or null. */
export function missingForPysaml2(): string | null {
  if (spawnSync("xmlsec1", ["--version"]).status !== 0) return "xmlsec1 is not installed";
  const found = spawnSync(python, ["-c", "import saml2"]).status === 0;
  return found ? null : `${python} has no pysaml2`;
}

/** Starts a process that stays for the run. */
export async function startPysaml2({ idp, sp, acsUrl }: Parties): Promise<Pysaml2> {
  const folder = await mkdtemp(join(tmpdir(), "labelgate-pysaml2-"));
  const keep = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  const setup = {
    acsUrl,
    metadataFile: await keep("metadata.xml", idp.metadataXml()),
    keyFile: await keep(
      "sp.pem",
      sp.privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    ),
    certFile: await keep("sp.crt", sp.certificatePem),
  };
  const script = join(import.meta.dirname, "pysaml2-peer.py");
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const ask = lineByLine(child);
  await ask(JSON.stringify(setup));
  return {
    measure: async (fields, email) => {
      const answer: unknown = JSON.parse(await ask(JSON.stringify(fields)));
      return readAnswer(answer, email);
    },
    stop: async () => {
      child.stdin.end();
      await rm(folder, { recursive: true });
    },
  };
}

function readAnswer(answer: unknown, email: string): number {
  if (
    typeof answer === "object" &&
    answer !== null &&
    "emails" in answer &&
    "cpuSeconds" in answer
  ) {
    const { emails, cpuSeconds } = answer;
    const isRight = Array.isArray(emails) && emails.every((read) => read === email);
    if (isRight && typeof cpuSeconds === "number") return cpuSeconds * 1_000_000;
  }
  throw new Error(`pysaml2 answered ${JSON.stringify(answer)}`);
}

/** One line out for each line in. */
function lineByLine(
  child: ChildProcessByStdio<Writable, Readable, null>,
): (line: string) => Promise<string> {
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  createInterface(child.stdout).on("line", (line) => waiting.shift()?.resolve(line));
  child.once("exit", (code) => {
    for (const { reject } of waiting) reject(new Error(`pysaml2 ended with code ${code}`));
  });
  return (line) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(`${line}\n`);
    });
}
