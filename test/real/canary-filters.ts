/**
 * Questions that a filter or an order of the data manager answers with yes or no (GATEWAY 10.4): each comes
 * as a pair, one that is right about another person's work and one that is wrong. Where both get the
 * same answer, nothing was told.
 */
import type { TargetedRequest } from "./canary-requests.ts";
import type { World } from "./canary-world.ts";

interface Guess {
  readonly what: string;
  readonly right: TargetedRequest;
  readonly wrong: TargetedRequest;
}

interface Order {
  readonly what: string;
  readonly up: TargetedRequest;
  readonly down: TargetedRequest;
}

interface Question {
  readonly column: string;
  readonly operator: string;
  readonly type: string;
  readonly right: unknown;
  readonly wrong: unknown;
}

/** Columns that depend on the work of others, as the data manager and as Django name them. */
const hiddenColumns = [
  ...["annotators", "annotations_results", "annotations_ids", "updated_by", "avg_lead_time"],
  ...["completed_at", "draft_exists", "annotations", "drafts", "comment_authors", "updated_by_id"],
  ...["annotations__result", "annotations__completed_by", "drafts__result", "locks", "state"],
];

function questions({ others, othersWords }: World): readonly Question[] {
  const word = othersWords.get("othersAnnotation") ?? "";
  const text = { type: "String", operator: "contains" } as const;
  return [
    { column: "annotations_results", ...text, right: word, wrong: "nowhere" },
    { column: "annotations_results", ...text, right: word.slice(0, 3), wrong: "qqq" },
    {
      ...{ column: "annotations_results", type: "String", operator: "not_contains" },
      ...{ right: word, wrong: "nowhere" },
    },
    {
      ...{ column: "annotations_results", type: "String", operator: "regex" },
      ...{ right: word, wrong: "nowhere" },
    },
    {
      ...{ column: "annotations_ids", type: "String", operator: "contains" },
      ...{ right: String(others.annotation), wrong: "999999" },
    },
    {
      ...{ column: "avg_lead_time", type: "Number", operator: "greater" },
      ...{ right: 1, wrong: 1_000_000 },
    },
    {
      ...{ column: "completed_at", type: "Datetime", operator: "greater" },
      ...{ right: "2020-01-01T00:00:00.000000Z", wrong: "2090-01-01T00:00:00.000000Z" },
    },
    { column: "annotations__result", ...text, right: word, wrong: "nowhere" },
    {
      column: "annotations",
      type: "Number",
      operator: "equal",
      right: others.annotation,
      wrong: 1,
    },
    { column: "drafts", type: "Number", operator: "equal", right: others.draft, wrong: 1 },
    { column: "drafts__result", ...text, right: word, wrong: "nowhere" },
    ...["annotators", "updated_by", "draft_exists"].map((column) => ({
      ...{ column, type: "List", operator: "empty", right: false, wrong: true },
    })),
  ];
}

type Carry = (world: World, query: object) => TargetedRequest;

const json = { "content-type": "application/json" } as const;

/** The ways by which a filter or an order reaches Label Studio. */
const carriers: readonly (readonly [string, Carry])[] = [
  [
    "query",
    ({ first }, query) => ({
      method: "GET",
      path: `/api/tasks?project=${first.project}&query=${encodeURIComponent(JSON.stringify(query))}`,
    }),
  ],
  [
    "body of a GET",
    ({ first }, query) => ({
      method: "GET",
      path: `/api/tasks?project=${first.project}`,
      headers: json,
      body: JSON.stringify({ query }),
    }),
  ],
  [
    "next task",
    ({ first }, query) => ({
      method: "POST",
      path: `/api/dm/actions?id=next_task&project=${first.project}`,
      headers: json,
      body: JSON.stringify({ project: String(first.project), ...query }),
    }),
  ],
  [
    "tab",
    ({ first }, query) => ({
      method: "POST",
      path: `/api/dm/views?project=${first.project}`,
      headers: json,
      body: JSON.stringify({
        project: String(first.project),
        data: { title: "mine", ...query },
      }),
    }),
  ],
];

const filtersOf = (
  { column, operator, type }: Question,
  value: unknown,
  prefix = "filter:tasks:",
): object => ({
  filters: {
    conjunction: "and",
    items: [{ filter: `${prefix}${column}`, operator, type, value }],
  },
});

/** Another filter that is harmless, with the question as its child. */
const childOf = (question: Question, value: unknown): object => ({
  filters: {
    conjunction: "and",
    items: [
      {
        ...{ filter: "filter:tasks:id", operator: "greater", type: "Number", value: 0 },
        child_filter: {
          filter: `filter:tasks:${question.column}`,
          ...{ operator: question.operator, type: question.type, value },
        },
      },
    ],
  },
});

/** Pairs of guesses by each way. */
export function guesses(world: World): readonly Guess[] {
  return carriers.flatMap(([way, carry]) =>
    questions(world).flatMap((question) =>
      [
        ["as it stands", (value: unknown) => filtersOf(question, value)] as const,
        ["as a child", (value: unknown) => childOf(question, value)] as const,
        ["with a minus", (value: unknown) => filtersOf(question, value, "filter:tasks:-")] as const,
      ].map(([how, write]) => ({
        what: `${question.column} ${question.operator}, ${way}, ${how}`,
        right: carry(world, write(question.right)),
        wrong: carry(world, write(question.wrong)),
      })),
    ),
  );
}

/** Pairs of opposite orders by each way. */
export function orders(world: World): readonly Order[] {
  return carriers.flatMap(([way, carry]) =>
    hiddenColumns.flatMap((column) =>
      ["tasks:", "", "filter:tasks:"].map((prefix) => ({
        what: `order by ${prefix}${column}, ${way}`,
        up: carry(world, { ordering: [`${prefix}${column}`] }),
        down: carry(world, { ordering: [`-${prefix}${column}`] }),
      })),
    ),
  );
}
