/**
 * The wire form of the settings: one schema for JSON, forms, multipart, the API's document and the
 * pages (PRODUCT 6.2, 6.5). The only place besides answer.ts that knows the snake_case spelling.
 *
 * Owns what a field may hold by itself. Whether a project, a workspace or a domain may be named needs
 * the store and is check.ts's question. `null` stands for "back to the default" and is kept as null
 * here; merge.ts puts the default in. Imports nothing that a browser lacks.
 */

import { z } from "zod";
import { nameIdFormatOf, nameIdFormats } from "../access/nameid-format.ts";
import {
  grantableRoleByName,
  grantableRoles,
  projectRoleByName,
  projectRoleNames,
  roleName,
} from "../access/roles.ts";

/** More would be a mistake; sign-on itself does not care how many there are. */
const maxMappings = 10_000;

/** As large as a fetched document may be (PRODUCT 2.7). */
const maxMetadataLength = 1_048_576;

/** Control characters and lone surrogates: neither name anything, and PostgreSQL refuses some. */
const unstorable = /[\p{Cc}\p{Cs}]/u;

/** Text of one line that both databases keep as it is. */
const line = (most: number) =>
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

const named = (what: string) =>
  line(1024).refine((text) => text.trim() !== "", { error: `The ${what} may not be empty.` });

const flag = z.boolean({ error: "Send true or false." });
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

/** What `POST /api/scim/settings` may hold. */
export const scimPatchSchema = z
  .object({
    roles_groups: rolesGroups.nullable(),
    workspaces_groups: workspacesGroups.nullable(),
    projects_groups: projectsGroups.nullable(),
    user_type_groups: userTypeGroups.nullable(),
  })
  .partial();

/** What `POST /api/saml/settings` may hold; lengths as in the original's schema. */
export const samlPatchSchema = scimPatchSchema.extend(
  z
    .object({
      domain: lines(65_536).nullable(),
      metadata_url: line(65_536).nullable(),
      metadata_xml: lines(maxMetadataLength).nullable(),
      idp_provider: line(256).nullable(),
      mapping_email: named("attribute name").nullable(),
      mapping_first_name: line(1024).nullable(),
      mapping_last_name: line(1024).nullable(),
      mapping_groups: line(1024).nullable(),
      nameid_format: nameIdFormat.nullable(),
      manual_role_management: flagOrServer.nullable(),
      allow_unsolicited: flagOrServer.nullable(),
      want_assertions_signed: flagOrServer.nullable(),
      want_response_signed: flagOrServer.nullable(),
      allow_sha1: flag.nullable(),
      allow_cbc: flag.nullable(),
      disable_password_login: flag.nullable(),
    })
    .partial().shape,
);

/** What `POST /api/saml/settings/validate-metadata-url` must hold. */
export const metadataUrlSchema = z.object({ metadata_url: line(65_536) });

/** What `POST /api/saml/settings/confirm` must hold: the version of the settings that were shown. */
export const confirmationSchema = z.object({
  version: z.coerce
    .number({ error: "Send the version of the settings that you confirm, from their answer." })
    .int({ error: "Send a whole number." })
    .positive({ error: "Send the version of the settings, from 1." }),
});

/** Fields that are set, with role names turned into codes; absent ones stay as they are. */
export type SamlPatch = z.output<typeof samlPatchSchema>;

/** As `SamlPatch`, for the lists of the SCIM settings. */
export type ScimPatch = z.output<typeof scimPatchSchema>;

/**
 * Fields of the answer that nobody can set. They are accepted and left alone, so that what GET
 * answered can be posted back.
 */
export const readOnlyFields: ReadonlySet<string> = new Set([
  "acs_url",
  "login_url",
  "logout_url",
  "metadata_xml_url",
  "sp_metadata_url",
  "token",
  "metadata",
  "warnings",
  "version",
  "password_login",
  "owner_sign_in",
  // Enterprise's count of seats by type.
  "user_type_capacities",
]);
