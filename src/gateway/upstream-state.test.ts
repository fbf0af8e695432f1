import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createUpstreamState, type UpstreamStatus } from "./upstream-state.ts";

describe("the condition of Label Studio", () => {
  test("the time of a phase is its begin, whatever the percentage does", () => {
    let clock = 100;
    const state = createUpstreamState(
      { phase: "installing", percent: 0, message: "Label Studio is being installed." },
      () => clock,
    );
    clock = 200;
    state.set({ phase: "installing", percent: 40, message: "Label Studio is being installed." });
    assert.equal(state.current().since, 100);
    assert.equal(state.current().percent, 40);
    state.set({ phase: "starting", percent: null, message: "Label Studio starts." });
    assert.equal(state.current().since, 200);
  });

  test("listeners hear each change once, nothing that is no change, and nothing after they left", () => {
    const heard: UpstreamStatus[] = [];
    const state = createUpstreamState({ phase: "away", percent: null, message: "Away." }, () => 1);
    const leave = state.onChange((status) => heard.push(status));
    state.set({ phase: "away", percent: null, message: "Away." });
    state.set({ phase: "ready", percent: null, message: "Ready." });
    leave();
    state.set({ phase: "away", percent: null, message: "Away." });
    assert.deepEqual(
      heard.map(({ phase }) => phase),
      ["ready"],
    );
  });
});
