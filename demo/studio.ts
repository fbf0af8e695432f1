/**
 * The demo's Label Studio in the terminal: how far it is, its projects once it answers, and whom to be
 * then. Never imported by src.
 */
import type { UpstreamState, UpstreamStatus } from "../src/gateway/upstream-state.ts";
import { apiOf, fillStudio } from "./fill-studio.ts";

const percentStep = 10;

/** Prints the condition when it changes, a percentage at most every tenth. */
export function describeStudio(state: UpstreamState): void {
  let last = "";
  state.onChange(({ message, percent }: UpstreamStatus) => {
    const share = percent === null ? "" : ` ${Math.floor(percent / percentStep) * percentStep} %`;
    // Steps are counted in the sentence as well, and would be a line each.
    const line = `${message.replace(/ \(\d+ of \d+ steps\)/, "")}${share}`;
    if (line === last) return;
    last = line;
    console.log(`  ${line}`);
  });
}

/** What the demo fills Label Studio with, and tells afterwards. */
export interface FillOptions {
  readonly baseUrl: string;
  readonly apiToken: string;
  /** The Login URL, where one picks whom to be. */
  readonly login: string;
  /** Saves the settings with the mapped project's number. */
  readonly save: (chestXRay: number) => Promise<void>;
}

/** Waits until Label Studio answers, fills it, maps the annotators' group, and says so. */
export async function fillWhenReady(state: UpstreamState, options: FillOptions): Promise<void> {
  await untilReady(state);
  const { baseUrl, apiToken, login, save } = options;
  try {
    const ids = await fillStudio(apiOf(baseUrl, apiToken), (line) => console.log(`  ${line}`));
    await save(ids.chestXRay);
    console.log(`
  Label Studio is filled. Sign in, or again if you are signed in already:

      ${login}

      Anna labels chest X-rays, Ravi reviews them, Mateo manages four projects, Ada sees everything.
      ${baseUrl}/projects/
`);
  } catch (error) {
    console.error(`  The demo's projects could not be made: ${String(error)}`);
  }
}

function untilReady(state: UpstreamState): Promise<void> {
  return new Promise((resolve) => {
    const leave = state.onChange(({ phase }) => {
      if (phase !== "ready") return;
      leave();
      resolve();
    });
  });
}
