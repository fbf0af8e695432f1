/** The Python that embedded Label Studio is installed for: 3.10 to 3.13, with `venv`. */
import { type CommandOptions, runCommand } from "./run-command.ts";

const names = ["python3.13", "python3.12", "python3.11", "python3.10", "python3", "python"];
const minMinor = 10;
const maxMinor = 13;

/** The versions as uv writes them. */
export const pythonVersions = `>=3.${minMinor},<3.${maxMinor + 1}`;

/** Advice where there is none: one sentence for an administrator. */
export const pythonMissing =
  "Label Studio needs Python 3.10 to 3.13 with venv, or uv: install one of them (Debian and Ubuntu: apt install python3-venv; macOS: brew install uv), and Labelgate goes on by itself.";

const question =
  "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2] if sys.implementation.name == 'cpython' else '0.0')";

/** The name of the newest fitting Python on the PATH, or null. */
export async function findPython(options: CommandOptions): Promise<string | null> {
  for (const name of names) {
    const { code, lines } = await runCommand(name, ["-I", "-c", question], options);
    if (code === 0 && isFitting(lines.at(-1) ?? "")) return name;
  }
  return null;
}

/** True for the versions that the lock file was made for. */
export function isFitting(version: string): boolean {
  const [major, minor] = version.trim().split(".").map(Number);
  return major === 3 && minor !== undefined && minor >= minMinor && minor <= maxMinor;
}
