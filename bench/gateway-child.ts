/**
 * Processes of bench:gateway: each thing that is measured, and what it talks to, is one of its own, asked
 * by messages; and what the kernel tells of a tree of processes: CPU time and memory, from /proc.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";

/** A process that answers each message with one. */
export interface Child {
  readonly pid: number;
  ask<Answer>(message: object): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts `file` of this folder. Node's memory is set as `npm start` sets it. */
export function startChild(file: string, env: NodeJS.ProcessEnv = {}): Child {
  const child = fork(new URL(file, import.meta.url), {
    env: { ...process.env, ...env },
    execArgv: [...process.execArgv, "--min-semi-space-size=32", "--max-semi-space-size=64"],
  });
  let isStopping = false;
  child.once("exit", (code, signal) => {
    if (!isStopping) throw new Error(`${file} ended early with ${code ?? signal}`);
  });
  return {
    pid: child.pid ?? 0,
    ask: async (message) => {
      child.send(message);
      const [answer] = await once(child, "message");
      return answer;
    },
    stop: async () => {
      isStopping = true;
      await stopProcess(child, () => child.disconnect());
    },
  };
}

/** Asks the process to end, and waits; one that does not within five seconds is killed. */
export async function stopProcess(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  end();
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await exited;
  clearTimeout(timer);
}

/** In a child: answers each message by `answer`, and ends when the parent goes away, after `close`. */
export function answerParent(
  answer: (message: never) => Promise<object>,
  close: () => Promise<void> = async () => undefined,
): void {
  process.on("message", (message) => {
    answer(message as never).then(
      (result) => process.send?.(result),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.on("disconnect", () => {
    void close().finally(() => process.exit(0));
  });
}

/** Ticks of the kernel a second, which Linux has told programs since ever. */
const ticksPerSecond = 100;

interface ProcessTimes {
  readonly parent: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** One process; null where it has ended. */
function timesOf(pid: number): ProcessTimes | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [, parent = 0] = fields.map(Number);
    const [user, system, pages] = [fields[11], fields[12], fields[21]].map(Number);
    return {
      parent,
      cpuMs: (((user ?? 0) + (system ?? 0)) * 1_000) / ticksPerSecond,
      rssBytes: (pages ?? 0) * 4_096,
    };
  } catch {
    return null;
  }
}

/** The process and all it started, which are looked for once: servers start theirs before they are measured. */
export function treeOf(root: number): readonly number[] {
  const all = readdirSync("/proc").map(Number).filter(Number.isInteger);
  const parents = new Map(all.map((pid) => [pid, timesOf(pid)?.parent ?? 0]));
  const tree = [root];
  for (const pid of tree) {
    for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  }
  return tree;
}

/** Milliseconds of CPU time that the processes have spent, and the memory they hold. */
export function usageOf(pids: readonly number[]): { cpuMs: number; rssBytes: number } {
  let [cpuMs, rssBytes] = [0, 0];
  for (const pid of pids) {
    const times = timesOf(pid);
    cpuMs += times?.cpuMs ?? 0;
    rssBytes += times?.rssBytes ?? 0;
  }
  return { cpuMs, rssBytes };
}
