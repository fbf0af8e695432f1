/**
 * One operation of the API as its document describes it: which schemas read the request, which
 * schemas the answer fits. The request schemas are those that the routes parse with, so that the
 * document and the server cannot part; that answers fit theirs is a test's business.
 */
import { z } from "zod";

/** The sections of the document and its page. */
export const tags = {
  "Current user": "The caller: profile, API tokens, sessions.",
  Organization: "The organization that the credential opened, and its invitations.",
  Members: "Who belongs to the organization, with which role.",
  Users: "Accounts of members.",
  Workspaces: "Workspaces, their members and projects.",
  Projects: "Projects, their members and project roles.",
  "Single sign-on": "SAML settings, keys and the sign-in log.",
  Provisioning: "Group mappings for SCIM.",
  "Label Studio": "The Label Studio behind Labelgate: people and projects in step.",
  Logs: "Who did what.",
  Documentation: "This document.",
} as const;

export type Tag = keyof typeof tags;

/** A method of an address. */
export interface Operation {
  readonly method: "get" | "post" | "patch" | "put" | "delete";
  /** With `{name}` for parameters, as the original spells the address. */
  readonly path: string;
  readonly tag: Tag;
  /** The operation in a few words. */
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Media types of the body; JSON and forms unless told. */
  readonly bodyTypes?: readonly string[];
  /** Status of success, and the answer; null where there is none. */
  readonly status: 200 | 201 | 204;
  readonly answer: z.ZodType | null;
  /** True where no credential is asked for. */
  readonly isPublic?: boolean;
  /** Media types of an answer that is not JSON. */
  readonly answerTypes?: readonly string[];
}

type OperationOptions = Omit<
  Operation,
  "method" | "path" | "summary" | "status" | "answer" | "tag"
> &
  Partial<Pick<Operation, "status" | "answer">>;

/** Describes `"GET /api/things"`; it answers 200, or 204 where nothing is said of an answer. */
export function operation(
  address: `${Uppercase<Operation["method"]>} ${string}`,
  summary: string,
  { answer = null, status = answer === null ? 204 : 200, ...told }: OperationOptions,
): Omit<Operation, "tag"> {
  const [method, path] = address.split(" ") as [string, string];
  return {
    method: method.toLowerCase() as Operation["method"],
    path,
    summary,
    status,
    answer,
    ...told,
  };
}

/** The operations, under one heading. */
export function under(
  tag: Tag,
  described: readonly Omit<Operation, "tag">[],
): readonly Operation[] {
  return described.map((one) => ({ ...one, tag }));
}

/** A JSON schema, as the document holds it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The dialect of OpenAPI 3.1. What a check by code decides is told by its sentence alone. */
const dialect = { target: "draft-2020-12", unrepresentable: "any" } as const;

/** The schema of a request: the schema's input side, before it is tidied up. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  return plain(z.toJSONSchema(schema, { ...dialect, io: "input" }));
}

/** The schema of an answer. */
export function outputSchema(schema: z.ZodType): JsonSchema {
  return plain(z.toJSONSchema(schema, { ...dialect, io: "output" }));
}

/** OpenAPI 3.1 names the dialect once, for the whole document. */
function plain({ $schema: _dialect, ...schema }: Record<string, unknown>): JsonSchema {
  return schema;
}
