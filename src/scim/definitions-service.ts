/**
 * The schemas of the discovery documents themselves (RFC 7643 5, 6, 7, 8.7.2; RFC 9865 4), which
 * /Schemas lists too. Everything in them is read-only.
 */
import { type Attribute, complex, define, type Schema } from "./attribute.ts";

type Settings = Parameters<typeof define>[2];

const readOnly = { mutability: "readOnly" } as const;

const text = (name: string, description: string, settings: Settings = {}): Attribute =>
  define(name, description, { ...readOnly, ...settings });
const flag = (name: string, description: string): Attribute =>
  text(name, description, { type: "boolean", required: true });
const number = (name: string, description: string, required = true): Attribute =>
  text(name, description, { type: "integer", required });
const link = (name: string, description: string, required = false): Attribute =>
  text(name, description, {
    type: "reference",
    referenceTypes: ["external"],
    caseExact: true,
    required,
  });
const object = (
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  settings: Settings = {},
): Attribute => complex(name, description, subAttributes, { ...readOnly, ...settings });

const supported = flag("supported", "True where the server can do it.");
const required = { required: true } as const;

/** RFC 7643 5, with the pagination of RFC 9865 4. */
export const serviceProviderConfigSchema: Schema = {
  urn: "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
  name: "Service Provider Configuration",
  description: "What this server can do.",
  attributes: [
    link("documentationUri", "Where people read about the server."),
    object("patch", "PATCH.", [supported], required),
    object(
      "bulk",
      "Bulk requests.",
      [
        supported,
        number("maxOperations", "Operations in one request, at most."),
        number("maxPayloadSize", "Bytes of one request, at most."),
      ],
      required,
    ),
    object(
      "filter",
      "Filters.",
      [supported, number("maxResults", "Results in one answer, at most.")],
      required,
    ),
    object("changePassword", "Changing passwords.", [supported], required),
    object("sort", "Sorting.", [supported], required),
    object("etag", "Entity tags.", [supported], required),
    object("pagination", "Paging.", [
      flag("cursor", "True where lists can be read by cursor."),
      flag("index", "True where lists can be read by place."),
      text("defaultPaginationMethod", "How lists are read where the client does not say.", {
        canonicalValues: ["cursor", "index"],
      }),
      number("defaultPageSize", "Results in a page where the client does not say.", false),
      number("maxPageSize", "Results in a page, at most.", false),
      number("cursorTimeout", "Seconds that a cursor is good for.", false),
    ]),
    object(
      "authenticationSchemes",
      "How clients authenticate.",
      [
        text("type", "The kind of scheme.", {
          required: true,
          canonicalValues: ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"],
        }),
        text("name", "Its name.", required),
        text("description", "What it is.", required),
        link("specUri", "Its specification."),
        link("documentationUri", "Where people read about it."),
        text("primary", "True for the preferred one.", { type: "boolean" }),
      ],
      { multiValued: true, required: true },
    ),
  ],
};

/** RFC 7643 6. */
export const resourceTypeSchema: Schema = {
  urn: "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
  name: "ResourceType",
  description: "A type of resource that the server has.",
  attributes: [
    text("id", "The id of the type.", { caseExact: true }),
    text("name", "Its name.", required),
    text("description", "What it is."),
    link("endpoint", "Where its resources are, relative to the base address.", true),
    link("schema", "The URN of its schema.", true),
    object(
      "schemaExtensions",
      "Its extensions.",
      [
        link("schema", "The URN of the extension.", true),
        flag("required", "True where every resource must have it."),
      ],
      { multiValued: true },
    ),
  ],
};

const characteristics: readonly Attribute[] = [
  text("name", "Its name.", { caseExact: true, required: true }),
  text("type", "The type of its values.", {
    required: true,
    canonicalValues: [
      ...["string", "complex", "boolean", "decimal", "integer", "dateTime", "reference", "binary"],
    ],
  }),
  flag("multiValued", "True where it may have several values."),
  text("description", "What it is.", { caseExact: true }),
  flag("required", "True where it must have a value."),
  text("canonicalValues", "Suggested values.", { multiValued: true, caseExact: true }),
  { ...flag("caseExact", "True where case matters."), required: false },
  text("mutability", "Who may write it.", {
    caseExact: true,
    canonicalValues: ["readOnly", "readWrite", "immutable", "writeOnly"],
  }),
  text("returned", "When answers have it.", {
    caseExact: true,
    canonicalValues: ["always", "never", "default", "request"],
  }),
  text("uniqueness", "Among what a value is unique.", {
    caseExact: true,
    canonicalValues: ["none", "server", "global"],
  }),
  text("referenceTypes", "What it may refer to.", { multiValued: true, caseExact: true }),
];

/** RFC 7643 7. */
export const schemaSchema: Schema = {
  urn: "urn:ietf:params:scim:schemas:core:2.0:Schema",
  name: "Schema",
  description: "What a schema says about its attributes.",
  attributes: [
    text("id", "The URN of the schema.", { caseExact: true }),
    text("name", "Its name.", { caseExact: true }),
    text("description", "What it describes.", { caseExact: true }),
    object(
      "attributes",
      "Its attributes.",
      [
        ...characteristics,
        object("subAttributes", "The parts of a complex attribute.", characteristics, {
          multiValued: true,
        }),
      ],
      { multiValued: true, required: true },
    ),
  ],
};
