import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { filtersRefusal, isOpenColumn } from "./filters.ts";

const filter = (name: string, more: object = {}) => ({
  ...{ filter: name, operator: "contains", type: "String", value: "a" },
  ...more,
});
const filters = (...items: unknown[]) => ({ filters: { conjunction: "and", items } });

/** What answers yes or no about others' work (label-studio-roles A8), and names nobody shows. */
const closed = [
  ...["annotators", "updated_by", "annotations_results", "annotations_ids", "avg_lead_time"],
  ...["completed_at", "draft_exists", "ground_truth", "reviewed", "agreement", "state", "comments"],
  ...["annotations__result", "annotations__completed_by__email", "comment_authors", "is_labeled"],
  ...["project__organization__token", "datax", "data__x", "Annotators", " annotators", "id "],
];
const open = [
  ...[
    "id",
    "inner_id",
    "total_annotations",
    "total_predictions",
    "predictions_score",
    "created_at",
  ],
  ...["file_upload", "data.text", "data.a__b", "data.annotators", "data.x-y", "data"],
];

describe("filters where others' work is hidden", () => {
  for (const name of open) {
    test(`${name} may be filtered and ordered by`, () => {
      assert.equal(filtersRefusal(filters(filter(`filter:tasks:${name}`))), null);
      for (const order of [`tasks:${name}`, `-tasks:${name}`, `tasks:-${name}`, name, `-${name}`]) {
        assert.equal(filtersRefusal({ ordering: [order] }), null, order);
      }
    });
  }

  for (const name of closed) {
    test(`${name} may neither be filtered nor ordered by, in whatever way it is written`, () => {
      const prefixes = ["", "-", "tasks:", "-tasks:", "tasks:-", "filter:tasks:", "filter:tasks:-"];
      for (const prefix of [
        ...prefixes,
        "-filter:tasks:",
        "filter:",
        "filter:tasks:tasks:",
        "+",
        "--",
      ]) {
        const written = `${prefix}${name}`;
        assert.notEqual(filtersRefusal(filters(filter(written))), null, written);
        assert.notEqual(filtersRefusal({ ordering: [written] }), null, written);
      }
    });
  }

  test("the sentence names the column", () => {
    assert.match(filtersRefusal(filters(filter("filter:tasks:annotators"))) ?? "", /"annotators"/);
  });

  test("a child filter is read too, at any depth", () => {
    const child = filter("filter:tasks:annotators");
    const item = filter("filter:tasks:id", { child_filter: child });
    assert.notEqual(filtersRefusal(filters(item)), null);
    assert.notEqual(
      filtersRefusal(filters(filter("filter:tasks:id", { child_filter: item }))),
      null,
    );
    const open = filter("filter:tasks:id", { child_filter: filter("filter:tasks:data.text") });
    assert.equal(filtersRefusal(filters(open)), null);
  });

  test("every item counts, and every order, though Label Studio uses the first", () => {
    const bad = filter("filter:tasks:annotations_results");
    assert.notEqual(filtersRefusal(filters(filter("filter:tasks:id"), bad)), null);
    assert.notEqual(filtersRefusal({ ordering: ["tasks:id", "tasks:annotators"] }), null);
  });

  test("whether predictions are empty is answered by the annotations, so it is not asked", () => {
    const empty = filter("filter:tasks:predictions_results", { operator: "empty", value: true });
    assert.notEqual(filtersRefusal(filters(empty)), null);
    assert.equal(filtersRefusal(filters(filter("filter:tasks:predictions_results"))), null);
  });

  test("no filters in the ways in which the page writes that", () => {
    for (const data of [
      ...[undefined, null, {}, { filters: {} }, { filters: null, ordering: null }],
      ...[{ ordering: {} }, { ordering: [] }, { filters: { conjunction: "and", items: [] } }],
    ]) {
      assert.equal(filtersRefusal(data), null);
    }
  });

  test("columns that are hidden or wide do no harm", () => {
    const columns = ["tasks:annotators", "tasks:annotations_results"];
    const data = { hiddenColumns: { explore: columns, labeling: [] }, columnsWidth: { x: 1 } };
    assert.equal(filtersRefusal({ ...data, title: "Default", type: "list" }), null);
  });

  for (const [name, data] of Object.entries({
    "a list": [filters(filter("filter:tasks:id"))],
    "a text": '{"filters":{}}',
    "filters as a text": { filters: '{"items":[{"filter":"filter:tasks:annotators"}]}' },
    "filters as a list": { filters: [filter("filter:tasks:id")] },
    "items as an object": { filters: { conjunction: "and", items: { 0: filter("x") } } },
    "an item that is a text": filters("filter:tasks:annotators"),
    "an item without a filter": filters({ column: "filter:tasks:annotators", operator: "equal" }),
    "an item with a second name": filters(filter("filter:tasks:id", { column: "annotators" })),
    "an item with other children": filters(filter("filter:tasks:id", { child_filters: [] })),
    "a group of the database's": { filter_group: { conjunction: "and", filters: [] } },
    "a filter group beside items": { filters: { items: [], filters: [filter("annotators")] } },
    "an order that is a text": { ordering: "tasks:id" },
    "an order within an order": { ordering: [["tasks:id"]] },
    "an order by key": { ordering: { 0: "tasks:annotators" } },
    "an empty order": { ordering: [""] },
    "a child that is a list": filters(filter("filter:tasks:id", { child_filter: [] })),
    "a number": 1,
  })) {
    test(`${name} is not understood, hence refused`, () => {
      assert.notEqual(filtersRefusal(data), null);
    });
  }

  test("a name is read as Label Studio reads it: what it would look up is on the list", () => {
    const piece = fc.constantFrom("-", "filter:", "tasks:", "annotators", "id", "data.", "x", "__");
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 7 }), (pieces) => {
        const written = pieces.join("");
        if (filtersRefusal({ ordering: [written] }) !== null) return;
        assert.ok(isOpenColumn(preprocessFieldName(written)), written);
      }),
      { numRuns: 3000 },
    );
  });

  test("no shape throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        const refusal = filtersRefusal({ filters: left, ordering: right });
        assert.ok(refusal === null || refusal.length > 0);
      }),
    );
  });
});

/** As in CE's data_manager/functions.py. */
function preprocessFieldName(raw: string): string {
  let name = raw;
  let ascending = true;
  if (name.startsWith("-")) {
    ascending = false;
    name = name.slice(1);
  }
  for (const prefix of ["filter:", "tasks:"]) {
    if (name.startsWith(prefix)) name = name.slice(prefix.length);
  }
  return ascending && name.startsWith("-") ? name.slice(1) : name;
}
