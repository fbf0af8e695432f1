/** Things under way: whatever comes and goes in whatever order, the list holds what a Set would. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { UnderWay } from "./under-way.ts";

test("holds what was added and not taken out, in any order of both", () => {
  const steps = fc.array(fc.record({ item: fc.nat(12), isAdded: fc.boolean() }));
  fc.assert(
    fc.property(steps, (taken) => {
      const items = Array.from({ length: 13 }, () => ({ place: 0 }));
      const expected = new Set<{ place: number }>();
      const list = new UnderWay<{ place: number }>();
      for (const { item, isAdded } of taken) {
        const one = items[item];
        if (one === undefined) continue;
        if (!isAdded) {
          list.delete(one);
          expected.delete(one);
        } else if (!expected.has(one)) {
          list.add(one);
          expected.add(one);
        }
      }
      assert.equal(list.size, expected.size);
      assert.deepEqual(new Set(list.all()), expected);
    }),
  );
});

test("what is taken out while the list is gone through is gone through all the same", () => {
  const list = new UnderWay<{ place: number; name: string }>();
  for (const name of ["a", "b", "c"]) list.add({ place: 0, name });
  const seen: string[] = [];
  for (const item of list.all()) {
    seen.push(item.name);
    list.delete(item);
  }
  assert.deepEqual(seen, ["a", "b", "c"]);
  assert.equal(list.size, 0);
});
