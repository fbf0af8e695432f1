/**
 * One server of bench/login.ts: a process of its own with one organization, as a server has it, so
 * that neither its memory nor its compiled code is shared with what it is compared to. Told by
 * messages what to measure; the first message says where and how large.
 */
import { type BenchWorld, openBenchWorld, type WorldOptions } from "./login-world.ts";
import type { Load } from "./sign-ons.ts";

/** What the parent asks for, one thing at a time. */
export type BenchRequest =
  | { readonly kind: "open"; readonly world: WorldOptions }
  | {
      readonly kind: "batch";
      readonly count: number;
      readonly load: Load;
      /** In microseconds; null while no pace is known. */
      readonly paceLimit: number | null;
    };

let world: BenchWorld | null = null;

process.on("message", (request: BenchRequest) => {
  answer(request).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => {
  void world?.close();
});

async function answer(request: BenchRequest): Promise<object> {
  if (request.kind === "open") {
    world = await openBenchWorld(request.world);
    return {};
  }
  if (world === null) throw new Error("the world is not open yet");
  return await world.signOnBatch(request.count, request.load, request.paceLimit ?? Infinity);
}
