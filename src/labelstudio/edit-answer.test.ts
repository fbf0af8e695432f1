import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  anna,
  ben,
  type ContextFacts,
  contextFor,
  editedAnswers,
  studioAnswer,
} from "../../test/fixtures/studio-answers.ts";
import { AppError } from "../errors.ts";
import type { AnswerEdit } from "./answer-edit.ts";
import { editAnswer, needsEdit } from "./edit-answer.ts";
import { maxJsonDepth } from "./json.ts";
import type { StudioRole } from "./viewer.ts";

type JsonEdit = keyof typeof editedAnswers;

const roles: readonly StudioRole[] = ["AN", "RE", "MA", "AD"];
const edits = Object.keys(editedAnswers) as JsonEdit[];
const pairs = edits.flatMap((edit) => editedAnswers[edit].map((name) => [edit, name] as const));

/** The edited answer as text; null where the viewer is told that there is no such thing. */
function edited(edit: AnswerEdit, text: string, facts: ContextFacts = {}): string | null {
  try {
    return editAnswer(edit, text, contextFor(facts));
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") return null;
    throw error;
  }
}

const json = (edit: AnswerEdit, name: string, facts: ContextFacts = {}) =>
  JSON.parse(edited(edit, studioAnswer(name), facts) ?? "null");

/** Whatever names Ben, Mia or the service account, or is their work. */
const ofOthers =
  /ben@|Ben\b|Quibble|benregion|bendraft|mia@|Mia\b|Marten|svc@|"(?:completed_by|user_id|user|updated_by|last_created_by|created_by)":(?:\{"id":)?[134]\b|"annotators":\[[^\]]*[134]/;

describe("an Annotator's answers where others' work is hidden", () => {
  for (const [edit, name] of pairs) {
    test(`${edit} (${name}) has nothing of anybody else`, () => {
      const text = edited(edit, studioAnswer(name));
      if (text !== null) assert.doesNotMatch(text, ofOthers);
    });
  }

  test("the pattern above finds others in the answers as they come", () => {
    const withOthers = pairs.filter(([, name]) => ofOthers.test(studioAnswer(name)));
    assert.deepEqual(
      new Set(withOthers.map(([edit]) => edit)),
      new Set<JsonEdit>([
        ...(["annotation", "annotation_list", "dm_project", "draft_list", "project"] as const),
        ...(["project_created", "project_list", "task", "task_list", "user", "users"] as const),
        ...(["view", "views", "whoami"] as const),
      ]),
    );
  });

  test("a task keeps one's own annotations and drafts, its data, predictions and counts", () => {
    const task = json("task", "task");
    assert.deepEqual(
      task.annotations.map(({ id }: { id: number }) => id),
      [1],
    );
    assert.deepEqual(
      task.drafts.map(({ id }: { id: number }) => id),
      [1],
    );
    assert.deepEqual([task.annotators, task.updated_by], [[anna], []]);
    assert.equal(task.total_annotations, 2);
    assert.equal(task.predictions.length, 1);
    assert.equal(task.data.text, "Anna saw Oslo");
    assert.equal(task.draft_exists, true);
    const emptied = [task.annotations_ids, task.annotations_results, task.avg_lead_time];
    assert.deepEqual([...emptied, task.completed_at], ["", "", null, null]);
  });

  test("a task list tells of Ben's work nothing but counts, in each of its shapes", () => {
    for (const name of ["task-list", "task-list-all", "project-tasks"]) {
      const answer = json("task_list", name);
      const tasks = Array.isArray(answer) ? answer : answer.tasks;
      assert.equal(tasks.length, 4, name);
      const second = tasks.find(({ id }: { id: number }) => id === 2);
      assert.equal(second.cancelled_annotations, 1);
      if (name !== "task-list") assert.deepEqual(second.annotations, []);
    }
    assert.deepEqual(Object.keys(json("task_list", "task-list")), [
      ...["total_annotations", "total_predictions", "total", "tasks"],
    ]);
  });

  test("somebody else's annotation, draft and tab are not there", () => {
    assert.equal(edited("annotation", studioAnswer("annotation")), null);
    assert.equal(edited("draft", studioAnswer("draft"), { self: ben }), null);
    assert.equal(edited("view", studioAnswer("view")), null);
    assert.notEqual(edited("draft", studioAnswer("draft")), null);
  });

  test("one's own annotation does not name the Reviewer who changed it", () => {
    const text = studioAnswer("annotation").replace('"updated_by":3', '"updated_by":4');
    const annotation = JSON.parse(edited("annotation", text, { self: ben }) ?? "null");
    assert.deepEqual([annotation.completed_by, annotation.updated_by], [ben, null]);
  });

  test("columns of others' work are gone, those of the task's data stay whatever their names", () => {
    const text = studioAnswer("columns").replaceAll('"ratio"', '"annotators"');
    const { columns } = JSON.parse(edited("columns", text) ?? "null");
    const ids = columns.map(({ id, parent }: { id: string; parent?: string }) => [id, parent]);
    assert.deepEqual(
      ids.map(([id]: string[]) => id),
      [
        ...["text", "big", "annotators", "id", "inner_id", "total_annotations"],
        ...["cancelled_annotations", "total_predictions", "predictions_score"],
        ...["predictions_model_versions", "predictions_results", "file_upload"],
        ...["storage_filename", "created_at", "updated_at", "data"],
      ],
    );
    assert.deepEqual(ids[2], ["annotators", "data"]);
  });

  test("with ANNOTATORS_SEE_OTHERS they read what a Reviewer reads", () => {
    const switches = { annotatorsSeeOthers: true };
    for (const edit of ["task", "task_list", "annotation", "columns", "users"] as const) {
      for (const name of editedAnswers[edit]) {
        const text = studioAnswer(name);
        assert.equal(edited(edit, text, { switches }), edited(edit, text, { role: "RE" }), name);
      }
    }
  });
});

describe("what the other roles read", () => {
  test("people whom /api/users does not list are in no task, or the data manager is blank", () => {
    for (const role of ["RE", "MA"] as const) {
      const facts = { role, people: [anna] };
      const known = new Set(json("users", "users", facts).map(({ id }: { id: number }) => id));
      assert.deepEqual([...known], [anna]);
      for (const name of ["task-list", "task-list-all"]) {
        for (const task of json("task_list", name, facts).tasks) {
          const ids = [...task.annotators, ...task.updated_by.map((by: never) => by["user_id"])];
          assert.ok(ids.every((id) => known.has(id)));
        }
      }
      const { columns } = json("columns", "columns", facts);
      const items = columns.flatMap(({ id, schema }: { id: string; schema?: { items: [] } }) =>
        id === "annotators" || id === "updated_by" ? (schema?.items ?? []) : [],
      );
      assert.deepEqual(items, [anna, anna]);
    }
  });

  test("Reviewers and above read all annotations, and only their own drafts", () => {
    for (const role of ["RE", "MA", "AD"] as const) {
      assert.equal(json("task", "task", { role }).annotations.length, 2);
      assert.equal(json("annotation_list", "annotation-list", { role }).length, 2);
      const drafts = json("draft_list", "draft-list", { role });
      assert.deepEqual(
        drafts.map(({ id }: { id: number }) => id),
        [1],
      );
    }
  });

  test("tabs: one's own; Managers and Administrators share theirs", () => {
    const seen = (role: StudioRole, self = anna) =>
      json("views", "views", { role, self }).map(({ id }: { id: number }) => id);
    assert.deepEqual(seen("AN"), [1]);
    assert.deepEqual(seen("RE", ben), [2]);
    assert.deepEqual(seen("MA"), [1, 3, 4]);
    assert.deepEqual(seen("AD", 1), [3, 4]);
  });

  test("the menu of actions is empty for Annotators and Reviewers, and closed for others", () => {
    const more = studioAnswer("actions").replace("[", '[{"id":"delete_everything"},');
    const ids = (role: StudioRole) =>
      JSON.parse(edited("actions", more, { role }) ?? "null").map(({ id }: { id: string }) => id);
    assert.deepEqual([ids("AN"), ids("RE")], [[], []]);
    assert.equal(ids("MA").length, 6);
    assert.ok(!ids("AD").includes("delete_everything"));
  });

  test("no secret is in any answer for any role", () => {
    const planted = studioAnswer("storage").replace(
      '"bucket":',
      '"aws_secret_access_key":"fixture-a","password":"fixture-b","account_key":"fixture-c","google_application_credentials":"fixture-d","bucket":',
    );
    for (const role of roles) {
      for (const [edit, name] of pairs) {
        assert.doesNotMatch(edited(edit, studioAnswer(name), { role }) ?? "", /fixture-|mlpass/);
      }
      assert.doesNotMatch(edited("storage", planted, { role }) ?? "", /fixture-/);
    }
    assert.equal(json("webhook", "webhook", { role: "MA" }).url, "http://93.184.216.34/hook");
  });

  test("ML backends, storages and webhooks are empty lists for Annotators and Reviewers", () => {
    for (const edit of ["ml_backends", "storages", "webhooks"] as const) {
      for (const name of editedAnswers[edit]) {
        assert.deepEqual(json(edit, name, { role: "AN" }), []);
        assert.deepEqual(json(edit, name, { role: "RE" }), []);
        assert.equal(json(edit, name, { role: "MA" }).length, 1);
      }
    }
  });
});

describe("the account", () => {
  test("whoami is Label Studio's record with Labelgate's role, organization and permissions", () => {
    const user = json("whoami", "whoami", { role: "RE" });
    assert.equal(user.id, anna);
    assert.deepEqual(user.organization_membership, {
      ...{ organization_id: 1, role: "RE", active: true, user_type: "standard" },
    });
    const meta = { title: "Contoso", email: "owner@contoso.com" };
    assert.deepEqual(user.active_organization_meta, meta);
  });

  test("permissions follow the role, and tokens are nobody's", () => {
    const may = (role: StudioRole, managersMayConnect = true) =>
      json("whoami", "whoami", { role, switches: { managersMayConnect } }).permissions as string[];
    for (const role of roles) assert.ok(!may(role).includes("users.token.any"));
    assert.ok(!may("AN").includes("projects.create"));
    assert.ok(may("MA").includes("webhooks.change"));
    assert.ok(!may("MA", false).includes("webhooks.change"));
    assert.ok(!may("MA", false).includes("storages.change"));
    assert.ok(may("AD", false).includes("storages.change"));
    assert.ok(!may("AD").includes("organizations.change"));
  });

  test("whoami of somebody else is an error: the credential went wrong", () => {
    assert.throws(() => json("whoami", "whoami", { self: ben }), { code: "upstream_bad_answer" });
  });

  test("nothing is anybody's own while the viewer has no number", () => {
    const context = contextFor();
    const nobody = { ...context, viewer: { ...context.viewer, upstreamUserId: null } };
    for (const edit of ["task", "annotation_list", "draft_list", "views", "users"] as const) {
      const text = studioAnswer(editedAnswers[edit][0] ?? "");
      assert.throws(() => editAnswer(edit, text, nobody), { code: "upstream_bad_answer" });
    }
    const orphan = studioAnswer("annotation").replace('"completed_by":3', '"completed_by":null');
    assert.throws(() => editAnswer("annotation", orphan, nobody), { code: "upstream_bad_answer" });
  });

  test("the membership carries the role, and is nobody's but one's own", () => {
    assert.equal(json("own_membership", "own-membership").role, "AN");
    assert.equal(edited("own_membership", studioAnswer("own-membership"), { self: ben }), null);
  });

  test("Label Studio's token pages vanish, and so does news of another version", () => {
    const off = { api_tokens_enabled: false, legacy_api_tokens_enabled: false };
    assert.deepEqual(json("jwt_settings", "jwt-settings", { role: "AD" }), off);
    const outdated = studioAnswer("version")
      .replace('"latest_version_from_pypi": null', '"latest_version_from_pypi": "9.9"')
      .replace('"current_version_is_outdated": false', '"current_version_is_outdated": true');
    const version = JSON.parse(edited("version", outdated) ?? "null");
    assert.deepEqual(version, JSON.parse(studioAnswer("version")));
  });
});

describe("lists of projects", () => {
  const list = (...projects: unknown[]) =>
    JSON.stringify({
      ...{ count: 12, next: "http://ls:8080/api/projects?page=2", previous: null },
      results: projects,
    });

  test("links are written as the client reads them, and the count follows what was cut", () => {
    const text = list({ id: 1 }, { id: 2, title: "Secret" });
    const answer = JSON.parse(edited("project_list", text) ?? "null");
    assert.deepEqual(answer, {
      ...{ count: 11, next: "https://labels.example.com/api/projects?page=2", previous: null },
      results: [{ id: 1 }],
    });
  });

  test("a project that somebody has only begun is in their own list alone", () => {
    const text = list({ id: 1, is_draft: true, created_by: { id: ben } });
    const facts = { role: "AD" } as const;
    assert.equal(JSON.parse(edited("project_list", text, facts) ?? "").results.length, 0);
    const own = JSON.parse(edited("project_list", text, { ...facts, self: ben }) ?? "");
    assert.equal(own.results.length, 1);
  });

  test("a creator is named to those who see people", () => {
    assert.equal(json("project", "project").created_by, null);
    assert.equal(json("project", "project", { role: "RE" }).created_by.first_name, "Mia");
    assert.equal(json("project", "project", { role: "RE", people: [anna] }).created_by, null);
    assert.equal(json("project", "project", { role: "AN" }).task_data_login, null);
    assert.equal(json("project", "project", { role: "MA" }).task_data_login, "bucketuser");
  });
});

describe("numbers keep their source text through every edit", () => {
  const odd = "[9007199254740993,-9223372036854775808,1.0,1e400,-0,1e-05]";
  /** Places that pass: the task's data, results of work, otherwise a field of a record. */
  const places: Partial<Record<JsonEdit, readonly [from: RegExp, to: string]>> = {
    task: [/"data":\{/, `"data":{"odd":${odd},`],
    task_list: [/"data":\{/, `"data":{"odd":${odd},`],
    annotation: [/"result":\[/, `"result":[{"odd":${odd}},`],
    annotation_list: [/"result":\[/, `"result":[{"odd":${odd}},`],
    columns: [/\{"id":/, `{"odd":${odd},"id":`],
    users: [/\{"id":2/, `{"odd":${odd},"id":2`],
    history: [/"taskId":2/, `"taskId":${odd}`],
  };
  for (const [edit, name] of pairs.filter(([edit]) => edit !== "jwt_settings")) {
    test(`${edit} (${name})`, () => {
      const [from, to] = places[edit] ?? [/\{/, `{"odd":${odd},`];
      const text = studioAnswer(name).replace(from, to);
      assert.ok(text.includes(odd));
      const role = ["actions", "ml_backends", "storages", "webhooks"].includes(edit) ? "MA" : "AN";
      const inside = edit === "view" || edit === "annotation" ? { self: ben } : {};
      const inList = /list$/.test(edit) && name.startsWith("project-list");
      const planted = inList ? studioAnswer(name).replace('{"id":1', `{"odd":${odd},"id":1`) : text;
      const answer = edited(edit, planted, { role, ...inside });
      assert.ok(answer?.includes(odd), answer ?? "not found");
    });
  }

  test("an answer that needs no change comes out byte for byte", () => {
    for (const name of ["task", "task-list", "task-list-all", "project-tasks"]) {
      const edit = name === "task" ? "task" : "task_list";
      assert.equal(edited(edit, studioAnswer(name), { role: "AD" }), studioAnswer(name));
    }
  });
});

describe("edits by nature", () => {
  for (const [edit, name] of pairs) {
    test(`${edit} (${name}) made twice is made once`, () => {
      for (const role of roles) {
        for (const annotatorsSeeOthers of [false, true]) {
          const facts = { role, switches: { annotatorsSeeOthers } };
          const once = edited(edit, studioAnswer(name), facts);
          if (once !== null) assert.equal(edited(edit, once, facts), once);
        }
      }
    });

    test(`${edit} (${name}) is called needless only where it changes nothing`, () => {
      const self = edit === "draft" ? anna : ben;
      const contexts = roles.flatMap((role) =>
        [false, true].map((annotatorsSeeOthers) =>
          contextFor({ role, self, switches: { annotatorsSeeOthers } }),
        ),
      );
      for (const context of contexts) {
        if (needsEdit(edit, context.role, context.switches)) continue;
        const answer = editAnswer(edit, studioAnswer(name), context);
        assert.deepEqual(JSON.parse(answer), JSON.parse(studioAnswer(name)));
      }
    });
  }

  test("every edit that hides others' work is needed for Annotators", () => {
    const { switches } = contextFor();
    const needless = edits.filter((edit) => !needsEdit(edit, "AN", switches));
    assert.deepEqual(needless, ["history"]);
  });

  const author = fc.integer({ min: 1, max: 5 });
  const secret = (id: number) => `work-of-${id}-end`;
  const annotation = fc.record({ id: fc.nat(), author, isExpanded: fc.boolean() }).map((made) => ({
    id: made.id,
    completed_by: made.isExpanded ? { id: made.author, email: secret(made.author) } : made.author,
    created_username: `${secret(made.author)} x@y.z, ${made.author}`,
    result: [{ value: { text: secret(made.author) } }],
    updated_by: made.author,
    newer_field: secret(5),
  }));
  const draft = author.map((by) => ({
    ...{ id: by, user: secret(by), created_username: `${secret(by)}, 2 x@y.z, ${by}` },
    result: [secret(by)],
  }));
  const task = fc.record({
    id: fc.nat(),
    annotations: fc.array(annotation),
    drafts: fc.array(draft),
    annotators: fc.array(author),
    annotations_results: fc.array(author.map(secret)).map(String),
    updated_by: fc.oneof(author, fc.array(author.map((by) => ({ user_id: by })))),
    newer_field: author.map(secret),
  });

  test("of any tasks, an Annotator reads nothing that is somebody else's, and all that is theirs", () => {
    fc.assert(
      fc.property(fc.array(task), author, (tasks, self) => {
        const text = edited("task_list", JSON.stringify({ tasks }), { self }) ?? "";
        for (const other of [1, 2, 3, 4, 5].filter((id) => id !== self)) {
          assert.ok(!text.includes(secret(other)));
        }
        const shown = JSON.parse(text).tasks;
        for (const [at, { annotations, drafts }] of tasks.entries()) {
          const mine = annotations.filter(({ created_username: by }) => by.endsWith(`, ${self}`));
          assert.equal(shown[at].annotations.length, mine.length);
          assert.equal(shown[at].drafts.length, drafts.filter(({ id }) => id === self).length);
          assert.ok(shown[at].annotators.every((id: number) => id === self));
        }
        assert.equal(edited("task_list", text, { self }), text);
      }),
    );
  });

  test("a name that ends like somebody's number makes no draft theirs", () => {
    const forged = { id: 9, user: "ben@x", created_username: "Ben, 2 ben@x, 3", result: ["ben"] };
    assert.equal(edited("draft_list", JSON.stringify([forged])), "[]");
    const longer = { ...forged, created_username: "Ben ben@x, 12" };
    assert.equal(edited("draft_list", JSON.stringify([longer])), "[]");
  });
});

describe("answers that are not as Label Studio gives them", () => {
  const refused = (edit: AnswerEdit, text: string) => {
    try {
      const answer = editAnswer(edit, text, contextFor());
      assert.doesNotMatch(answer, ofOthers, `${edit} passed ${text.slice(0, 80)}`);
      return answer;
    } catch (error) {
      assert.ok(error instanceof AppError, String(error));
      return error.code;
    }
  };

  for (const edit of edits) {
    test(`${edit}: no JSON, a bare value or hostile nesting is an error`, () => {
      const deep = "[".repeat(maxJsonDepth + 1);
      const bare = ["null", "1", "1.0", '"text"', "true", "[1]", "[null]", "[[]]", '["a"]'];
      for (const text of ["<html>", "{", deep, "[1,]", " ", ...bare]) {
        assert.equal(refused(edit, text), "upstream_bad_answer", text.slice(0, 20));
      }
    });

    test(`${edit}: another shape around an answer is an error, or holds nothing of others`, () => {
      const names = /^project|^dm_/.test(edit)
        ? editedAnswers[edit]
        : pairs.map(([, name]) => name);
      for (const name of names) {
        const text = studioAnswer(name);
        for (const wrapped of [
          ...[text, `[${text}]`, `{"results":${text}}`, `{"tasks":${text}}`, `{"data":${text}}`],
          ...[`[[${text}]]`, `{"columns":${text}}`, `{"__proto__":${text}}`],
        ]) {
          assert.ok(refused(edit, wrapped) !== undefined);
        }
      }
    });
  }

  test("an empty answer stays empty", () => {
    for (const edit of edits) assert.equal(editAnswer(edit, "", contextFor()), "");
  });

  for (const [edit, text] of [
    ["task", '{"annotations":[]}'],
    ["task", '{"id":1,"annotations":{"0":{"completed_by":3}}}'],
    ["task", '{"id":1,"annotations":[{"id":1,"result":["benregion"]}]}'],
    ["task", '{"id":1,"drafts":[{"id":1,"user":"ben@contoso.com"}]}'],
    ["task", '{"id":1,"drafts":"bendraft"}'],
    ["task", '{"id":1,"annotators":"2,3"}'],
    ["task", '{"id":1,"updated_by":["3"]}'],
    ["task_list", '{"total":1}'],
    ["task_list", '{"tasks":{"1":{}}}'],
    ["annotation", '{"id":1,"result":["benregion"]}'],
    ["columns", '{"columns":{}}'],
    ["columns", '{"columns":[{"target":"tasks"}]}'],
    ["views", '[{"id":1}]'],
    ["users", "[]"],
    ["users", '[{"id":"2"}]'],
    ["users", '{"results":[]}'],
    ["whoami", '{"id":2}'],
    ["project_created", '{"title":"x"}'],
    ["project", '{"id":1,"created_by":{"email":"ben@contoso.com"}}'],
    ["project_list", '{"count":1}'],
    ["project_list", '[{"title":"x"}]'],
  ] as const) {
    test(`${edit} refuses ${text}`, () => {
      assert.equal(refused(edit, text), "upstream_bad_answer");
    });
  }

  test("no JSON whatever is a bug: the edit answers or refuses", () => {
    fc.assert(
      fc.property(fc.constantFrom(...edits), fc.json(), (edit, text) => {
        assert.equal(typeof refused(edit, text), "string");
      }),
      { numRuns: 2000 },
    );
  });
});
