/** PRODUCT 4.4 to 4.9, 3.3 and 1.7 at a sign-in, sentence by sentence. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { member, type SignOn, signOn } from "../../test/fixtures/sign-on.ts";
import { simulate } from "../../test/fixtures/simulate.ts";
import type { Assignment, Change, ReasonResult } from "./changes.ts";
import type { GroupMappings } from "./mappings.ts";
import type { OrgRole, Source } from "./roles.ts";

const roles = [
  { role: "AN", group: "Labelers" },
  { role: "AD", group: "Admins" },
  { role: "RE", group: "Reviewers" },
] as const satisfies GroupMappings["roles"];
const exclusive = { manualRoleManagement: false } as const;

const kinds = (changes: readonly Change[]) => changes.map(({ kind }) => kind);
const became = (input: SignOn) => {
  const { changes, verdict } = signOn(input);
  const role = changes.find((change) => change.kind === "role_changed");
  const made = changes.find((change) => change.kind === "membership_created");
  return { to: role?.to ?? made?.role ?? null, verdict: verdict.outcome };
};

describe("role (4.2, 4.6)", () => {
  type Row = readonly [rule: string, input: SignOn, to: OrgRole | null, verdict: string];
  const rows: readonly Row[] = [
    [
      "the most elevated matching role wins, whatever the order",
      { mappings: { roles }, groups: ["Labelers", "Admins", "Reviewers"], before: member("AN") },
      "AD",
      "admitted",
    ],
    [
      "a mapping matches: that role, also where it is lower than the one given by hand",
      { mappings: { roles }, groups: ["Labelers"], before: member("MA") },
      "AN",
      "admitted",
    ],
    [
      "group names compare exactly, case included",
      { mappings: { roles }, groups: ["admins", " Admins"], before: member("AN") },
      null,
      "admitted",
    ],
    [
      "an Owner is never changed by a matching group",
      { mappings: { roles }, groups: ["Labelers"], before: member("OW") },
      null,
      "admitted",
    ],
    [
      "an Owner is never changed where no group matches and manual management is off",
      { mappings: { roles }, policy: exclusive, before: member("OW") },
      null,
      "admitted",
    ],
    [
      "no role mapping configured: the role stays, with manual management off too",
      { groups: ["Admins"], policy: exclusive, before: member("RE") },
      null,
      "admitted",
    ],
    [
      "no role mapping configured: a new member gets the default role",
      { groups: ["Admins"], policy: { ...exclusive, defaultRole: "RE" } },
      "RE",
      "admitted",
    ],
    [
      "mappings exist, none matches, manual on: the role stays",
      { mappings: { roles }, groups: ["Others"], before: member("MA", "saml") },
      null,
      "admitted",
    ],
    [
      "mappings exist, none matches, manual on: a new member gets the default role",
      { mappings: { roles }, groups: ["Others"] },
      "AN",
      "admitted",
    ],
    [
      "mappings exist, none matches, manual off: the role becomes Deactivated",
      { mappings: { roles }, policy: exclusive, before: member("AD") },
      "DI",
      "deactivated",
    ],
    [
      "mappings exist, none matches, manual off: for a new member too",
      { mappings: { roles }, policy: exclusive },
      "DI",
      "deactivated",
    ],
    [
      "mappings exist, none matches, manual off: Not Activated becomes Deactivated as well",
      { mappings: { roles }, policy: exclusive, before: member("NO") },
      "DI",
      "deactivated",
    ],
    [
      "a deactivation whose source is saml is lifted by a matching group",
      { mappings: { roles }, groups: ["Reviewers"], before: member("DI", "saml") },
      "RE",
      "admitted",
    ],
    [
      "a matching group activates somebody who is Not Activated",
      { mappings: { roles }, groups: ["Reviewers"], before: member("NO") },
      "RE",
      "admitted",
    ],
    [
      "without a mapping that matches, Not Activated stays and sees the page that says so",
      { mappings: { roles }, before: member("NO") },
      null,
      "not_activated",
    ],
    [
      "a default role of Not Activated admits a new person to the page that says so",
      { policy: { defaultRole: "NO" } },
      "NO",
      "not_activated",
    ],
    [
      "Owner is never given by the default role",
      { policy: { defaultRole: "OW" } },
      "NO",
      "not_activated",
    ],
  ];
  for (const [rule, input, to, verdict] of rows) {
    test(rule, () => assert.deepEqual(became(input), { to, verdict }));
  }

  for (const source of ["manual", "api", "scim"] as const) {
    test(`a person deactivated with source ${source} stays so, sign-on is refused and nothing changes`, () => {
      const plan = signOn({
        mappings: { roles, workspaces: [{ workspace: "W", group: "Admins" }] },
        groups: ["Admins"],
        before: member("DI", source),
        identity: { firstName: "New" },
        policy: exclusive,
      });
      assert.deepEqual(plan.verdict, { outcome: "refused", code: "sign_in_deactivated" });
      assert.deepEqual(plan.changes, []);
      assert.equal(plan.reasons[0]?.rule, "4.6");
      assert.equal(plan.reasons[0].result, "refused");
    });
  }

  const stillOut: readonly (readonly [string, SignOn])[] = [
    ["while the rule holds", { mappings: { roles }, policy: exclusive }],
    ["when manual management is switched on afterwards", { mappings: { roles } }],
    ["when the role mappings are removed afterwards", { policy: exclusive }],
  ];
  for (const [when, input] of stillOut) {
    test(`a saml deactivation without a matching group stays, with no change at all, ${when}`, () => {
      const plan = signOn({
        ...input,
        mappings: { ...input.mappings, workspaces: [{ workspace: "W", group: "G" }] },
        groups: ["G"],
        identity: { firstName: "Renamed" },
        before: member("DI", "saml"),
      });
      assert.deepEqual(plan.verdict, { outcome: "deactivated", role: "DI" });
      assert.deepEqual(plan.changes, []);
      assert.equal(plan.reasons[0]?.result, "kept");
    });
  }

  test("becoming Deactivated ends sessions and tokens, and gains no workspace or project", () => {
    const { changes } = signOn({
      mappings: {
        roles,
        workspaces: [{ workspace: "W", group: "G" }],
        projects: [{ projectId: 1, group: "G", role: "RE" }],
      },
      groups: ["G"],
      policy: exclusive,
      before: { ...member("AN"), projectIds: [1] },
    });
    assert.deepEqual(kinds(changes), ["role_changed", "access_ended"]);
  });

  test("becoming Deactivated raises no project role that the person has", () => {
    const { changes } = signOn({
      mappings: { roles, projects: [{ projectId: 1, group: "G", role: "RE" }] },
      groups: ["G"],
      policy: exclusive,
      before: {
        ...member("AN"),
        projectIds: [1],
        projectMembers: [{ projectId: 1, role: "AN", isPending: false, source: "saml" }],
      },
    });
    assert.deepEqual(kinds(changes), ["role_changed", "access_ended"]);
  });

  test("a role that the groups confirm keeps its source: who set it last has not changed", () => {
    const { changes } = signOn({
      mappings: { roles },
      groups: ["Admins"],
      before: member("AD", "scim"),
    });
    assert.deepEqual(changes, []);
  });

  test("every mapping that matched is explained: the winner, its equals and the outranked", () => {
    const { reasons } = signOn({
      mappings: { roles: [...roles, { role: "AD", group: "Bosses" }] },
      groups: ["Bosses", "Labelers", "Admins"],
      before: member("AN"),
    });
    assert.deepEqual(
      reasons.map(({ result, group, target }) => [result, group, target]),
      [
        ["granted", "Admins", "Administrator"],
        ["noted", "Bosses", "Administrator"],
        ["outranked", "Labelers", "Annotator"],
      ],
    );
  });
});

describe("seats (1.7)", () => {
  const full = { seats: { limit: 2, used: 2 } };
  const input = { mappings: { roles }, groups: ["Admins"] };

  test("a new person beyond the limit is created as Not Activated and told so", () => {
    const plan = signOn({ ...input, before: full });
    assert.deepEqual(plan.verdict, { outcome: "not_activated", role: "NO" });
    assert.deepEqual(plan.changes[1], {
      kind: "membership_created",
      role: "NO",
      source: "saml",
      awaited: "AD",
    });
    assert.ok(plan.reasons.some(({ subject, rule }) => subject === "seat" && rule === "1.7"));
  });

  test("people who are in already still sign in, and change roles", () => {
    const before = { ...member("AN"), ...full };
    assert.deepEqual(became({ ...input, before }), { to: "AD", verdict: "admitted" });
  });

  test("a deactivation that a group lifts needs a free seat, else Not Activated", () => {
    const before = { ...member("DI", "saml"), ...full };
    assert.deepEqual(became({ ...input, before }), { to: "NO", verdict: "not_activated" });
  });

  test("Not Activated becomes the mapped role at the first sign-on with a free seat", () => {
    const waiting = { ...member("NO", "saml"), ...full };
    assert.deepEqual(signOn({ ...input, before: waiting }).changes, []);
    const before = { ...waiting, seats: { limit: 3, used: 2 } };
    assert.deepEqual(became({ ...input, before }), { to: "AD", verdict: "admitted" });
  });

  const waiting = (seats = full, awaited: OrgRole | null = "RE", roleSource: Source = "saml") => ({
    ...member("NO", "saml"),
    ...seats,
    membership: { role: "NO", roleSource, awaited } as const,
  });
  const free = { seats: { limit: 3, used: 2 } };

  test("whoever the limit kept out gets the default role at the first sign-on with a free seat", () => {
    const late = { before: waiting(free) };
    assert.deepEqual(became(late), { to: "AN", verdict: "admitted" });
    const { reasons } = signOn(late);
    assert.ok(reasons.some(({ rule, result }) => rule === "1.7" && result === "granted"));
    assert.deepEqual(became({ ...late, mappings: { roles } }), { to: "AN", verdict: "admitted" });
    // Unknown groups are no reason to keep somebody waiting (3.3: the default role for a new person).
    const overage = { groupsState: "overage" } as const;
    assert.equal(became({ ...late, identity: overage }).to, "AN");
  });

  test("a group of the sign-on goes before the default role, and no match with manual off is Deactivated", () => {
    const late = { mappings: { roles }, before: waiting(free) };
    assert.equal(became({ ...late, groups: ["Admins"] }).to, "AD");
    assert.equal(became({ ...late, policy: exclusive }).to, "DI");
  });

  test("what groups would have given is not owed to somebody who has left them", () => {
    assert.equal(became({ before: waiting(free, "AD") }).to, "AN");
    const pushed = { scope: "organization", group: "G", role: "MA" } as const;
    const byScim = waiting(free, "AD", "scim");
    assert.equal(became({ before: byScim }).to, "AN");
    assert.equal(became({ before: { ...byScim, assignments: [pushed] } }).to, "MA");
  });

  test("the role that an invite gave is the one that was waited for", () => {
    assert.equal(became({ before: waiting(free, "MA", "manual") }).to, "MA");
    assert.equal(became({ before: waiting(free, "RE", "api") }).to, "RE");
  });

  test("nobody takes a seat that is not free, nor one that they do not wait for", () => {
    assert.deepEqual(signOn({ before: waiting(full) }).changes, []);
    assert.deepEqual(signOn({ before: waiting(free, null) }).changes, []);
    assert.deepEqual(signOn({ before: waiting(free), policy: { defaultRole: "NO" } }).changes, []);
    assert.deepEqual(signOn({ before: waiting(free), policy: { defaultRole: "OW" } }).changes, []);
  });

  test("Deactivated needs no seat", () => {
    assert.deepEqual(became({ mappings: { roles }, policy: exclusive, before: full }), {
      to: "DI",
      verdict: "deactivated",
    });
  });
});

describe("account, names and domains (4.5, 4.9)", () => {
  test("the first sign-on of an unknown person creates the account, membership, then the rest", () => {
    const { changes, userId } = signOn({
      mappings: {
        roles,
        workspaces: [{ workspace: "Engineering", group: "Admins" }],
        projects: [{ projectId: 42, group: "Admins", role: "RE" }],
      },
      groups: ["Admins"],
      identity: { firstName: "Alice", lastName: "Smith" },
      before: { projectIds: [42] },
    });
    assert.equal(userId, null);
    assert.deepEqual(changes, [
      {
        kind: "user_created",
        email: "alice@contoso.com",
        firstName: "Alice",
        lastName: "Smith",
      },
      { kind: "membership_created", role: "AD", source: "saml" },
      { kind: "workspace_created", title: "Engineering" },
      {
        kind: "workspace_member_added",
        workspace: { id: null, title: "Engineering" },
        source: "saml",
      },
      {
        kind: "project_member_added",
        projectId: 42,
        source: "saml",
        role: "RE",
        isPending: false,
      },
    ] satisfies Change[]);
  });

  test("names are taken from the assertion where mapped and present, one without the other", () => {
    const { changes } = signOn({ before: member("AN"), identity: { lastName: "Jones" } });
    assert.deepEqual(changes, [
      {
        kind: "user_renamed",
        from: { firstName: "Alice", lastName: "Smith" },
        to: { firstName: "Alice", lastName: "Jones" },
      },
    ]);
  });

  test("a name attribute without text is not present and wipes nothing out", () => {
    const identity = { firstName: "", lastName: "  " };
    assert.deepEqual(signOn({ before: member("AN"), identity }).changes, []);
  });

  test("the Owner's names follow the assertion as everybody's do", () => {
    const plan = signOn({ before: member("OW"), identity: { firstName: "Al" } });
    assert.deepEqual(kinds(plan.changes), ["user_renamed"]);
  });

  const acceptedElsewhere = {
    membership: null,
    belongsElsewhere: true,
    acceptedElsewhere: true,
  } as const;

  test("an account of another organization gains a membership where its domain is listed", () => {
    const before = { ...member("AN"), ...acceptedElsewhere };
    const plan = signOn({ before, policy: { domains: ["contoso.com"] } });
    assert.deepEqual(kinds(plan.changes), ["membership_created"]);
  });

  const doors: readonly (readonly [string, SignOn, string | null])[] = [
    [
      "an e-mail whose domain is not listed is refused",
      { policy: { domains: ["fabrikam.com"] } },
      "sign_in_domain_not_allowed",
    ],
    ["domains compare in lower case", { policy: { domains: ["CONTOSO.com"] } }, null],
    [
      "a subdomain of a listed domain does not count",
      {
        policy: { domains: ["contoso.com"] },
        identity: { email: "alice@mail.contoso.com" },
      },
      "sign_in_domain_not_allowed",
    ],
    [
      "the parent of a listed subdomain does not count either",
      { policy: { domains: ["mail.contoso.com"] } },
      "sign_in_domain_not_allowed",
    ],
    [
      "a domain that merely ends like a listed one does not count",
      { policy: { domains: ["contoso.com"] }, identity: { email: "a@evilcontoso.com" } },
      "sign_in_domain_not_allowed",
    ],
    [
      "the domain is what follows the last at sign",
      { policy: { domains: ["contoso.com"] }, identity: { email: '"a@contoso.com"@evil.com' } },
      "sign_in_domain_not_allowed",
    ],
    [
      "an international domain is the same in its ASCII form",
      { policy: { domains: ["xn--mller-kva.de"] }, identity: { email: "a@müller.de" } },
      null,
    ],
    [
      "what follows an international domain is not cut off",
      { policy: { domains: ["xn--mller-kva.de"] }, identity: { email: "a@müller.de/x" } },
      "sign_in_domain_not_allowed",
    ],
    [
      "without a domain list, people of another organization are refused",
      { before: { ...member("AN"), ...acceptedElsewhere } },
      "sign_in_other_organization",
    ],
    [
      "a membership that another organization made for somebody keeps them out of nothing",
      { before: { ...member("AN"), membership: null, belongsElsewhere: true } },
      null,
    ],
    [
      "a domain list that nobody proved lets nobody in who accepted another organization",
      {
        before: { ...member("AN"), ...acceptedElsewhere },
        policy: { domains: ["contoso.com"], provenDomains: [] },
      },
      "sign_in_other_organization",
    ],
    [
      "a domain list that nobody proved lets in who accepted no other organization",
      {
        before: { ...member("AN"), membership: null, belongsElsewhere: true },
        policy: { domains: ["contoso.com"], provenDomains: [] },
      },
      null,
    ],
    [
      "without a domain list, an account without any organization may come in",
      { before: { ...member("AN"), membership: null } },
      null,
    ],
    [
      "with a domain list, an unlisted person of another organization is refused for the domain",
      {
        before: { ...member("AN"), membership: null, belongsElsewhere: true },
        policy: { domains: ["fabrikam.com"] },
      },
      "sign_in_domain_not_allowed",
    ],
    [
      "who is a member already is not asked for a domain again",
      { before: member("AN"), policy: { domains: ["fabrikam.com"] } },
      null,
    ],
    [
      "who is a member here and elsewhere signs on without a domain list",
      { before: { ...member("AN"), belongsElsewhere: true } },
      null,
    ],
  ];
  for (const [rule, input, code] of doors) {
    test(rule, () => {
      const { verdict, changes, reasons } = signOn(input);
      if (code === null) return assert.equal(verdict.outcome, "admitted");
      assert.deepEqual(verdict, { outcome: "refused", code });
      assert.deepEqual(changes, []);
      assert.equal(reasons[0]?.rule, "4.9");
    });
  }
});

describe("workspaces (4.3, 4.7)", () => {
  const workspaces = [
    { workspace: "Engineering", group: "Eng" },
    { workspace: "Engineering", group: "Leads" },
    { workspace: "Design", group: "Design" },
  ];
  const row = (workspaceId: number, title: string, source: Source) => ({
    workspaceId,
    title,
    source,
  });
  const existing = { workspaces: [{ id: 5, title: "Engineering" }] };
  const exclusiveWorkspaces = { manualWorkspaceManagement: false };

  test("a workspace that exists is joined, and several groups that grant it are one membership", () => {
    const { changes, reasons } = signOn({
      mappings: { workspaces },
      groups: ["Leads", "Eng"],
      before: { ...member("AN"), ...existing },
    });
    assert.deepEqual(changes, [
      {
        kind: "workspace_member_added",
        workspace: { id: 5, title: "Engineering" },
        source: "saml",
      },
    ]);
    assert.match(reasons.at(-1)?.text ?? "", /"Eng", "Leads"/);
  });

  test("a workspace title that two mappings name is created once", () => {
    const { changes } = signOn({
      mappings: { workspaces },
      groups: ["Leads", "Eng"],
      before: member("AN"),
    });
    assert.deepEqual(kinds(changes), ["workspace_created", "workspace_member_added"]);
  });

  test("titles that differ by case are two workspaces", () => {
    const { changes } = signOn({
      mappings: { workspaces: [{ workspace: "engineering", group: "Eng" }] },
      groups: ["Eng"],
      before: { ...member("AN"), ...existing },
    });
    assert.deepEqual(kinds(changes), ["workspace_created", "workspace_member_added"]);
  });

  test("a membership given by hand gets its saml row beside it and lasts while either grants it", () => {
    const { changes } = signOn({
      mappings: { workspaces },
      groups: ["Eng"],
      before: {
        ...member("AN"),
        ...existing,
        workspaceMembers: [row(5, "Engineering", "manual"), row(5, "Engineering", "scim")],
      },
      policy: exclusiveWorkspaces,
    });
    assert.deepEqual(kinds(changes), ["workspace_member_added"]);
  });

  const held = {
    ...member("AN"),
    workspaceMembers: (["saml", "manual", "api", "scim"] as const).map((source) =>
      row(9, "Old", source),
    ),
  };

  test("manual workspace management on: memberships are added, none removed", () => {
    const { changes, reasons } = signOn({ before: held, mappings: { workspaces } });
    assert.deepEqual(changes, []);
    assert.ok(reasons.some(({ rule, result }) => rule === "4.7" && result === "kept"));
  });

  test("off: memberships that neither groups nor SCIM grant are removed, those by hand too", () => {
    const { changes } = signOn({ before: held, policy: exclusiveWorkspaces });
    assert.deepEqual(
      changes.map((change) => (change.kind === "workspace_member_removed" ? change.source : "?")),
      ["saml", "manual", "api"],
    );
  });

  test("Not Activated people are mapped to workspaces already", () => {
    const { changes } = signOn({
      mappings: { workspaces },
      groups: ["Eng"],
      before: { ...member("NO"), ...existing },
    });
    assert.deepEqual(kinds(changes), ["workspace_member_added"]);
  });
});

describe("projects (4.4, 4.8)", () => {
  const projects = [
    { projectId: 1, group: "A", role: "AN" },
    { projectId: 1, group: "R", role: "RE" },
    { projectId: 1, group: "I", role: "IN" },
    { projectId: 2, group: "I", role: "IN" },
    { projectId: 404, group: "A", role: "AN" },
  ] as const satisfies GroupMappings["projects"];
  const both = { projectIds: [1, 2] };
  const exclusiveProjects = { manualProjectMemberManagement: false };
  const row = (role: "AN" | "RE" | "IN", source: Source, isPending = false) => ({
    projectId: 1,
    role,
    source,
    isPending,
  });
  const plan = (groups: readonly string[], input: SignOn = {}) =>
    signOn({
      mappings: { projects },
      groups,
      ...input,
      before: { ...member("AN"), ...both, ...input.before },
    });

  const winners: readonly (readonly [OrgRole, string, readonly string[], string, boolean])[] = [
    ["AN", "Reviewer before Inherit", ["A", "R", "I"], "RE", false],
    ["AN", "Inherit before Annotator", ["A", "I"], "IN", false],
    ["RE", "Inherit, which is Reviewer, before Annotator", ["I", "A"], "IN", false],
    ["NO", "Annotator before Inherit, which is Not Activated", ["I", "A"], "AN", false],
    ["NO", "Inherit alone, pending", ["I"], "IN", true],
    ["MA", "Reviewer, which lowers no Manager", ["A", "R"], "RE", false],
  ];
  for (const [orgRole, rule, groups, role, isPending] of winners) {
    test(`the most elevated wins; for ${orgRole}: ${rule}`, () => {
      const { changes } = plan(groups, { before: { ...member(orgRole), ...both } });
      assert.deepEqual(changes[0], {
        kind: "project_member_added",
        projectId: 1,
        source: "saml",
        role,
        isPending,
      });
    });
  }

  test("Inherit kept pending becomes a membership at the sign-on at which the role is active", () => {
    const mappings = { projects, roles };
    const waiting = { ...member("NO"), ...both, projectMembers: [row("IN", "saml", true)] };
    const first = plan(["I"], { before: { ...waiting } });
    assert.ok(!first.changes.some((change) => change.kind === "project_member_changed"));
    const second = plan(["I", "Reviewers"], { mappings, before: waiting });
    assert.deepEqual(second.changes[1], {
      kind: "project_member_changed",
      projectId: 1,
      source: "saml",
      from: { role: "IN", isPending: true },
      to: { role: "IN", isPending: false },
    });
  });

  test("a pending Inherit that no group grants any more is neither removed nor activated", () => {
    const before = { projectMembers: [row("IN", "saml", true)] };
    assert.deepEqual(plan([], { before }).changes, []);
  });

  test("a membership is not taken back to pending", () => {
    const before = {
      ...member("NO"),
      ...both,
      projectMembers: [row("AN", "saml"), { ...row("IN", "saml"), projectId: 2 }],
    };
    assert.deepEqual(plan(["I"], { before }).changes, []);
  });

  test("what is still granted follows the groups up and down, with manual management on too", () => {
    const up = plan(["R"], { before: { projectMembers: [row("AN", "saml")] } });
    const down = plan(["A"], { before: { projectMembers: [row("RE", "saml")] } });
    assert.deepEqual(kinds(up.changes), ["project_member_changed"]);
    assert.deepEqual(kinds(down.changes), ["project_member_changed"]);
  });

  test("a project that does not exist any more is skipped with a reason", () => {
    const { changes, reasons } = plan(["A"]);
    assert.equal(changes.length, 1);
    const skipped = reasons.find(({ target }) => target === "404");
    assert.equal(skipped?.result, "skipped");
  });

  const assignments: readonly Assignment[] = [
    { scope: "project", group: "S", projectId: 9, role: "RE" },
  ];

  test("any SCIM project assignment silences SAML for the person's projects entirely", () => {
    const before = { assignments, projectMembers: [row("RE", "saml"), row("RE", "manual")] };
    const { changes, reasons } = plan(["A"], { before, policy: exclusiveProjects });
    assert.deepEqual(changes, []);
    assert.ok(reasons.some(({ rule, result }) => rule === "4.8" && result === "skipped"));
  });

  test("SCIM assignments of workspaces and roles do not silence SAML's projects", () => {
    const before = {
      assignments: [
        { scope: "organization", group: "S", role: "RE" },
        { scope: "workspace", group: "S", title: "W" },
      ] as const,
    };
    assert.equal(plan(["A"], { before }).changes.length, 1);
  });

  const held = {
    projectMembers: (["saml", "manual", "api", "scim"] as const).map((source) => row("RE", source)),
  };

  test("manual project member management on: none is removed", () => {
    assert.deepEqual(plan([], { before: held }).changes, []);
  });

  test("off: memberships that neither groups nor SCIM grant are removed, those by hand too", () => {
    const { changes } = plan([], { before: held, policy: exclusiveProjects });
    assert.deepEqual(
      changes.map((change) => (change.kind === "project_member_removed" ? change.source : "?")),
      ["saml", "manual", "api"],
    );
  });

  test("off: a role given by hand above what the groups grant goes, one not above it stays", () => {
    const before = { projectMembers: [row("RE", "manual"), row("AN", "api"), row("AN", "saml")] };
    const { changes } = plan(["A"], { before, policy: exclusiveProjects });
    assert.deepEqual(changes, [{ kind: "project_member_removed", projectId: 1, source: "manual" }]);
  });

  test("each project mapping that lost is explained", () => {
    const { reasons } = plan(["A", "R"]);
    const about = reasons.filter(({ target }) => target === "1");
    const expected: readonly (readonly [ReasonResult, string])[] = [
      ["granted", "R"],
      ["outranked", "A"],
    ];
    assert.deepEqual(
      about.map(({ result, group }) => [result, group]),
      expected,
    );
  });
});

describe("what the assertion said of groups (3.3)", () => {
  for (const [groupsState, pattern] of [
    ["absent", /no groups attribute/],
    ["empty", /empty/],
  ] as const) {
    test(`groups that are ${groupsState} count as none and are explained`, () => {
      const input = { before: member("AN"), identity: { groupsState } };
      const { reasons, changes } = signOn({ ...input, mappings: { roles } });
      assert.deepEqual(changes, []);
      assert.match(reasons.at(-1)?.text ?? "", pattern);
    });
  }
});

describe("groups that are unknown (3.3)", () => {
  const unknown = { groupsState: "overage" } as const;
  const allOff = {
    ...exclusive,
    manualWorkspaceManagement: false,
    manualProjectMemberManagement: false,
  };
  const mappings = { roles, workspaces: [{ workspace: "W", group: "Admins" }] };
  const held = {
    workspaceMembers: [{ workspaceId: 1, title: "W", source: "saml" as const }],
    projectMembers: [
      { projectId: 1, role: "RE" as const, isPending: false, source: "saml" as const },
    ],
  };

  for (const role of ["AD", "MA", "RE", "AN", "NO"] as const) {
    test(`take nothing from ${role}, whatever the switches say`, () => {
      const before = { ...member(role, "saml"), ...held };
      const { changes, reasons } = signOn({ mappings, before, policy: allOff, identity: unknown });
      assert.deepEqual(changes, []);
      assert.match(reasons.at(-1)?.text ?? "", /more than 150, so that they are unknown/);
    });
  }

  test("give a new person the default role, and bring back nobody who was deactivated", () => {
    const input = { mappings, policy: allOff, identity: unknown };
    assert.deepEqual(became(input), { to: "AN", verdict: "admitted" });
    const out = { ...input, before: { ...member("DI", "saml"), ...held } };
    assert.deepEqual(became(out), { to: null, verdict: "deactivated" });
    assert.deepEqual(signOn(out).changes, []);
  });

  test("are known where SCIM pushed them", () => {
    const input = { mappings, before: member("AN"), policy: allOff, identity: unknown };
    assert.deepEqual(became({ ...input, groups: ["Admins"] }).to, "AD");
    assert.deepEqual(became({ ...input, groups: ["Others"] }).to, "DI");
  });
});

test("a person who loses everything and gets it back ends where they began, but for the log", () => {
  const input = {
    mappings: { roles, workspaces: [{ workspace: "W", group: "Admins" }] },
    policy: { ...exclusive, manualWorkspaceManagement: false },
  };
  const first = signOn({ ...input, groups: ["Admins"] });
  const inside = simulate({ ...member("AN"), user: null, membership: null }, first.changes);
  const outside = simulate(inside, signOn({ ...input, before: inside }).changes);
  assert.deepEqual(outside.membership, { role: "DI", roleSource: "saml" });
  assert.deepEqual(outside.workspaceMembers, []);
  const back = signOn({ ...input, groups: ["Admins"], before: outside });
  assert.deepEqual(simulate(outside, back.changes), inside);
});
