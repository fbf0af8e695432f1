/**
 * The kinds of settings on the wire: what a field of each may hold by itself, what is answered for it,
 * and how that is spelt (PRODUCT 6.2, 6.5). Which settings there are is access/settings-table.ts's;
 * whether a project, a workspace or a domain may be named needs the store and is settings/check.ts's
 * question.
 */
import { z } from "zod";
import { nameIdFormatOf, nameIdFormats } from "./access/nameid-format.ts";
import {
  grantableRoleByName,
  grantableRoles,
  projectRoleByName,
  projectRoleNames,
  roleName,
} from "./access/roles.ts";
import {
  fieldsFrom,
  type PatchOf,
  type SettingKinds,
  type SettingRow,
  type SettingRows,
  type SettingsOf,
} from "./access/setting-rows.ts";
import { projectNumber } from "./store/wire-numbers.ts";

/** More would be a mistake; sign-in itself does not care how many there are. */
const maxMappings = 10_000;

/** Control characters and lone surrogates: neither name anything, and PostgreSQL refuses some. */
const unstorable = /[\p{Cc}\p{Cs}]/u;

/** Text of one line that both databases keep as it is. */
export const line = (most: number) =>
  z
    .string({ error: "Send text." })
    .max(most, { error: `This may have at most ${most} characters.` })
    .refine((text) => !unstorable.test(text), {
      error: "This may not contain control characters or broken Unicode.",
    });

const lines = (most: number) =>
  z
    .string({ error: "Send text." })
    .max(most, { error: `This may have at most ${most} characters.` });

const named = (what: string, most = 1024) =>
  line(most).refine((text) => text.trim() !== "", { error: `The ${what} may not be empty.` });

const flag = z.boolean({ error: "Send true or false." });
const whole = ({ most = 0, unit }: SettingRow) => {
  const error = `Send a whole number of ${unit}, from 1 to ${most}.`;
  return z.int({ error }).min(1, { error }).max(most, { error });
};

const flagOrServer = z.boolean({ error: "Send true, false, or null to follow the server." });

const quoted = (input: unknown): string =>
  typeof input === "string" ? `"${input.slice(0, 80)}"` : "This";

const nameIdFormat = line(256).transform((text, context) => {
  const found = nameIdFormatOf(text);
  if (found !== undefined) return found;
  const message = `${quoted(text)} is no NameID format; choose one of ${Object.keys(nameIdFormats).join(", ")}.`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

const allGrantable = grantableRoles.map(roleName);

const role = z.string({ error: "A role is a name." }).transform((name, context) => {
  const found = grantableRoleByName(name);
  if (found !== undefined) return found;
  context.addIssue({
    code: "custom",
    message:
      name === roleName("OW")
        ? "Owner is never given by a group; only the Owner can hand it over."
        : `${quoted(name)} is not a role that a group can give; choose one of ${allGrantable.join(", ")}.`,
  });
  return z.NEVER;
});

const projectRole = z.string({ error: "A project role is a name." }).transform((name, context) => {
  const found = projectRoleByName(name);
  if (found !== undefined) return found;
  context.addIssue({
    code: "custom",
    message: `${quoted(name)} is not a project role; choose one of ${Object.values(projectRoleNames).join(", ")}.`,
  });
  return z.NEVER;
});

const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item, { error: "Send a list." })
    .max(maxMappings, { error: `This may have at most ${maxMappings} entries.` });

const rolesGroups = list(
  z
    .tuple([role, named("group")], { error: "An entry is a pair [role, group]." })
    .transform(([given, group]) => ({ role: given, group })),
);

/** PostgreSQL indexes titles, and an index entry holds no more than this. */
const maxTitleBytes = 2_400;
/** So does what a pushed group assigns, which names both. */
const maxPairBytes = 2_500;

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const workspaceTitle = named("workspace title").refine((title) => bytesOf(title) <= maxTitleBytes, {
  error: `The workspace title may have at most ${maxTitleBytes} bytes.`,
});

const workspacesGroups = list(
  z
    .tuple([workspaceTitle, named("group")], {
      error: "An entry is a pair [workspace title, group].",
    })
    .refine(([title, group]) => bytesOf(title) + bytesOf(group) <= maxPairBytes, {
      error: `A workspace title and a group may have at most ${maxPairBytes} bytes together.`,
    })
    .transform(([workspace, group]) => ({ workspace, group })),
);

const projectsGroups = list(
  z
    .strictObject(
      {
        project_id: z
          .int({ error: "project_id is a whole number." })
          .positive({ error: "project_id is a positive number." }),
        group: named("group"),
        role: projectRole,
      },
      { error: "An entry is an object of project_id, group and role, and nothing else." },
    )
    .transform(({ project_id: projectId, group, role: given }) => ({
      projectId,
      group,
      role: given,
    })),
);

/** Enterprise's seat types, by code or by label. */
const seatTypes: ReadonlySet<string> = new Set(["standard", "flex", "viewonly"]);

const seatType = line(256).refine((text) => seatTypes.has(text.replace(/\s/g, "").toLowerCase()), {
  error: "A seat type is one of standard, flex, viewonly.",
});

/** Kept as they are sent: seats have one type here (PRODUCT 1.7), so that these grant nothing. */
const userTypeGroups = list(
  z
    .tuple([seatType, named("group")], { error: "An entry is a pair [seat type, group]." })
    .transform(([given, group]) => ({ seatType: given, group })),
);

interface KindOnWire<Held> {
  /** The schema of values that may be sent for a setting of this row. */
  readonly input: (row: SettingRow) => z.ZodType<Held>;
  readonly answer: z.ZodType;
  /** Renders the value for answers; the value as it is unless told. */
  readonly render?: (held: Held) => unknown;
}

/** Pairs of target and group. */
const pairs = z.array(z.array(z.string()).length(2));

/** Each kind as requests and answers have it. */
const kinds: { readonly [Name in keyof SettingKinds]: KindOnWire<SettingKinds[Name]["held"]> } = {
  line: { input: ({ most = 1024 }) => line(most), answer: z.string() },
  lines: { input: ({ most = 1024 }) => lines(most), answer: z.string() },
  name: { input: ({ most }) => named("attribute name", most), answer: z.string() },
  word: { input: ({ most = 1024 }) => line(most).nullable(), answer: z.string().nullable() },
  nameIdFormat: {
    input: () => nameIdFormat,
    answer: z.string(),
    render: (held) => nameIdFormats[held],
  },
  flag: { input: () => flag, answer: z.boolean() },
  flagOrServer: { input: () => flagOrServer.nullable(), answer: z.boolean().nullable() },
  whole: { input: whole, answer: z.int().positive() },
  roles: {
    input: () => rolesGroups,
    answer: pairs,
    render: (held) => held.map(({ role: given, group }) => [roleName(given), group]),
  },
  workspaces: {
    input: () => workspacesGroups,
    answer: pairs,
    render: (held) => held.map(({ workspace, group }) => [workspace, group]),
  },
  projects: {
    input: () => projectsGroups,
    answer: z.array(
      z.object({
        project_id: z.int().positive(),
        group: z.string(),
        role: z.enum(["Annotator", "Reviewer", "Inherit"]),
      }),
    ),
    render: (held) =>
      held.map(({ projectId, group, role: given }) => ({
        project_id: projectNumber(projectId),
        group,
        role: projectRoleNames[given],
      })),
  },
  seats: {
    input: () => userTypeGroups,
    answer: pairs,
    render: (held) => held.map(({ seatType: given, group }) => [given, group]),
  },
};

type PatchShape<Rows extends SettingRows> = {
  readonly [Field in keyof Rows]: z.ZodType<PatchOf<Rows>[Field]>;
};

type ChangesShape<Rows extends SettingRows> = {
  readonly [Field in keyof Rows]: z.ZodType<SettingKinds[Rows[Field]["kind"]]["held"] | undefined>;
};

/** The schema of a patch over these settings: every field may be absent or null. */
export function patchSchemaOf<Rows extends SettingRows>(rows: Rows) {
  return objectOf<PatchShape<Rows>>(rows, (row) => {
    const field = kinds[row.kind].input(row).nullable().optional();
    return row.help === undefined ? field : field.describe(row.help);
  });
}

/** The schema of changes of these settings: every field may be absent. */
export function changesSchemaOf<Rows extends SettingRows>(rows: Rows) {
  return objectOf<ChangesShape<Rows>>(rows, (row) => kinds[row.kind].input(row).optional());
}

/** The schema of the settings as they are answered. */
export function answerSchemaOf<Rows extends SettingRows>(rows: Rows) {
  return objectOf<{ readonly [Field in keyof Rows]: z.ZodType }>(
    rows,
    ({ kind }) => kinds[kind].answer,
  );
}

function objectOf<Shape extends z.core.$ZodLooseShape>(
  rows: SettingRows,
  schemaOf: (row: SettingRow) => z.ZodType,
): z.ZodObject<Shape> {
  const fields = Object.entries(rows).map(([field, row]) => [field, schemaOf(row)]);
  return z.object(Object.fromEntries(fields) as Shape);
}

/** The settings in the wire spelling. */
export function renderFields<Rows extends SettingRows>(
  rows: Rows,
  settings: SettingsOf<Rows>,
): { readonly [Field in keyof Rows]: unknown } {
  return fieldsFrom(rows, settings, (held, { kind }) => {
    const render = kinds[kind].render as ((value: unknown) => unknown) | undefined;
    return render === undefined ? held : render(held);
  });
}
