/**
 * The discovery documents, rendered from the registry, so that they cannot say what the server does
 * not do (RFC 7644 4; Google and authentik act on what they read there, scim-clients 1.6, 1.7).
 */
import { AppError } from "../errors.ts";
import type { Attribute, Schema } from "./attribute.ts";
import { bulkLimits } from "./bulk.ts";
import { cursorTimeoutSeconds } from "./cursor.ts";
import {
  resourceTypeSchema,
  schemaSchema,
  serviceProviderConfigSchema,
} from "./definitions-service.ts";
import type { JsonObject } from "./json.ts";
import { pageSize, renderList } from "./list-query.ts";
import { groupType, type ResourceType, userType } from "./schema.ts";

/** Resource types of this server. Others beside people and groups are for whoever runs it to add. */
const ours: readonly ResourceType[] = [userType, groupType];

const schemasIn = (types: readonly ResourceType[]): readonly Schema[] => [
  ...types.flatMap((type) => type.schemas),
  ...[serviceProviderConfigSchema, resourceTypeSchema, schemaSchema],
];

/** Answer of GET /Schemas: every schema on one page. `baseUrl` ends before the slash of /Schemas. */
export function renderSchemas(baseUrl: string, types = ours): JsonObject {
  return wholeList(schemasIn(types).map((schema) => renderSchema(schema, baseUrl)));
}

/** Answer of GET /Schemas/<urn>, in any case. @throws AppError `not_found` */
export function renderSchemaOf(urn: string, baseUrl: string, types = ours): JsonObject {
  const schema = schemasIn(types).find(
    (candidate) => candidate.urn.toLowerCase() === urn.toLowerCase(),
  );
  if (schema === undefined) throw new AppError("not_found", { detail: "There is no such schema." });
  return renderSchema(schema, baseUrl);
}

function renderSchema({ urn, name, description, attributes }: Schema, baseUrl: string): JsonObject {
  return {
    schemas: [schemaSchema.urn],
    id: urn,
    name,
    description,
    attributes: attributes.map(renderAttribute),
    meta: { resourceType: "Schema", location: `${baseUrl}/Schemas/${urn}` },
  };
}

function renderAttribute(attribute: Attribute): JsonObject {
  const { subAttributes, canonicalValues, referenceTypes, isName: _, ...rest } = attribute;
  return {
    ...rest,
    ...(canonicalValues === undefined ? {} : { canonicalValues }),
    ...(referenceTypes === undefined ? {} : { referenceTypes }),
    ...(subAttributes === undefined ? {} : { subAttributes: subAttributes.map(renderAttribute) }),
  };
}

/** Answer of GET /ResourceTypes. */
export function renderResourceTypes(baseUrl: string, types = ours): JsonObject {
  return wholeList(types.map((type) => renderResourceType(type, baseUrl)));
}

/** Answer of GET /ResourceTypes/<name>, in any case. @throws AppError `not_found` */
export function renderResourceTypeOf(name: string, baseUrl: string, types = ours): JsonObject {
  const found = types.find((known) => known.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) {
    throw new AppError("not_found", { detail: "There is no such resource type." });
  }
  return renderResourceType(found, baseUrl);
}

function renderResourceType(
  { name, endpoint, schemas: [core, ...extensions] }: ResourceType,
  baseUrl: string,
): JsonObject {
  return {
    schemas: [resourceTypeSchema.urn],
    id: name,
    name,
    description: core.description,
    endpoint: `/${endpoint}`,
    schema: core.urn,
    schemaExtensions: extensions.map(({ urn }) => ({ schema: urn, required: false })),
    meta: { resourceType: "ResourceType", location: `${baseUrl}/ResourceTypes/${name}` },
  };
}

function wholeList(resources: readonly JsonObject[]): JsonObject {
  return renderList({ resources, totalResults: resources.length, startIndex: 1 });
}

/** Answer of GET /ServiceProviderConfig. `documentationUrl` is for the people who set a client up. */
export function renderServiceProviderConfig(baseUrl: string, documentationUrl: string): JsonObject {
  return {
    schemas: [serviceProviderConfigSchema.urn],
    documentationUri: documentationUrl,
    patch: { supported: true },
    bulk: { supported: true, ...bulkLimits },
    filter: { supported: true, maxResults: pageSize.max },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: "index",
      defaultPageSize: pageSize.default,
      maxPageSize: pageSize.max,
      cursorTimeout: cursorTimeoutSeconds,
    },
    authenticationSchemes: [
      {
        type: "oauthbearertoken",
        name: "SCIM token",
        description: "Authorization: Bearer with a token made on the SCIM settings page.",
        specUri: "https://www.rfc-editor.org/info/rfc6750",
        primary: true,
      },
    ],
    meta: {
      resourceType: "ServiceProviderConfig",
      location: `${baseUrl}/ServiceProviderConfig`,
    },
  };
}
