import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AppError } from "../errors.ts";
import {
  renderResourceTypeOf,
  renderResourceTypes,
  renderSchemaOf,
  renderSchemas,
  renderServiceProviderConfig,
} from "./discovery.ts";

const base = "https://x.org/scim/v2";
const userUrn = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterpriseUrn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

interface Rendered {
  readonly id: string;
  readonly name: string;
  readonly attributes: readonly RenderedAttribute[];
}
interface RenderedAttribute extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly subAttributes?: readonly RenderedAttribute[];
}

const plain = <T>(value: unknown): T => JSON.parse(JSON.stringify(value));
const { Resources: schemas, ...list } = plain<{ Resources: Rendered[]; totalResults: number }>(
  renderSchemas(base),
);
const attributeOf = (urn: string, path: string): RenderedAttribute => {
  const [name, sub] = path.split(".");
  const schema = schemas.find(({ id }) => id === urn);
  const attribute = schema?.attributes.find((one) => one.name === name);
  const found =
    sub === undefined ? attribute : attribute?.subAttributes?.find((one) => one.name === sub);
  assert.ok(found, path);
  return found;
};

describe("/Schemas", () => {
  test("lists the resources' schemas, the extension and those of discovery, and no message", () => {
    assert.deepEqual(
      schemas.map(({ id }) => id.split(":").slice(-3).join(":")),
      [
        ...["core:2.0:User", "enterprise:2.0:User", "core:2.0:Group"],
        ...["core:2.0:ServiceProviderConfig", "core:2.0:ResourceType", "core:2.0:Schema"],
      ],
    );
    assert.equal(list.totalResults, 6);
  });

  // RFC 7643 8.7.1, where clients such as Google's build their mappings from it.
  const facts: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
    [
      userUrn,
      "userName",
      { type: "string", required: true, caseExact: false, uniqueness: "server" },
    ],
    [userUrn, "password", { mutability: "writeOnly", returned: "never" }],
    [userUrn, "active", { type: "boolean", multiValued: false, required: false }],
    [userUrn, "name", { type: "complex", multiValued: false }],
    [userUrn, "name.familyName", { type: "string", mutability: "readWrite" }],
    [userUrn, "emails", { type: "complex", multiValued: true }],
    [userUrn, "emails.type", { canonicalValues: ["work", "home", "other"] }],
    [userUrn, "emails.primary", { type: "boolean" }],
    [
      userUrn,
      "phoneNumbers.type",
      { canonicalValues: ["work", "home", "mobile", "fax", "pager", "other"] },
    ],
    [userUrn, "profileUrl", { type: "reference", referenceTypes: ["external"] }],
    [userUrn, "groups", { mutability: "readOnly", multiValued: true }],
    [userUrn, "x509Certificates.value", { type: "binary", caseExact: true }],
    [enterpriseUrn, "manager.value", { type: "string" }],
    [enterpriseUrn, "manager.displayName", { mutability: "readOnly" }],
    ["urn:ietf:params:scim:schemas:core:2.0:Group", "displayName", { required: true }],
    ["urn:ietf:params:scim:schemas:core:2.0:Group", "members.value", { mutability: "immutable" }],
    [
      "urn:ietf:params:scim:schemas:core:2.0:Group",
      "members.type",
      { canonicalValues: ["User", "Group"] },
    ],
  ];
  for (const [urn, path, expected] of facts) {
    test(`${path} of ${urn.split(":").at(-1)} is what RFC 7643 says`, () => {
      const found = attributeOf(urn, path);
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(found[key], value, key);
    });
  }

  test("every attribute has all of its characteristics and a sentence", () => {
    const keys = [
      "name",
      "type",
      "multiValued",
      "description",
      "required",
      "caseExact",
      "mutability",
      "returned",
      "uniqueness",
    ];
    const check = (attribute: RenderedAttribute): void => {
      for (const key of keys) assert.ok(key in attribute, `${attribute.name} ${key}`);
      assert.match(String(attribute["description"]), /^[A-Z].*\.$/);
      assert.equal(attribute["type"] === "complex", "subAttributes" in attribute, attribute.name);
      assert.equal(
        attribute["type"] === "reference",
        "referenceTypes" in attribute,
        attribute.name,
      );
      attribute.subAttributes?.forEach(check);
    };
    for (const { attributes } of schemas) attributes.forEach(check);
  });

  test("one schema is found by its URN in any case", () => {
    const schema = plain<Rendered & { meta: unknown }>(renderSchemaOf(userUrn.toUpperCase(), base));
    assert.equal(schema.id, userUrn);
    assert.deepEqual(schema.meta, {
      resourceType: "Schema",
      location: `${base}/Schemas/${userUrn}`,
    });
    assert.throws(
      () => renderSchemaOf("urn:x", base),
      (error) => error instanceof AppError && error.status === 404,
    );
  });
});

test("/ResourceTypes says where users and groups are, and which extensions they may have", () => {
  const { Resources } = plain<{ Resources: Readonly<Record<string, unknown>>[] }>(
    renderResourceTypes(base),
  );
  assert.deepEqual(
    Resources.map(({ id, endpoint, schemaExtensions }) => [id, endpoint, schemaExtensions]),
    [
      ["User", "/Users", [{ schema: enterpriseUrn, required: false }]],
      ["Group", "/Groups", []],
    ],
  );
  assert.deepEqual(plain(renderResourceTypeOf("user", base)), Resources[0]);
  assert.throws(
    () => renderResourceTypeOf("Robot", base),
    (error) => error instanceof AppError && error.status === 404,
  );
});

test("/ServiceProviderConfig says what the server does, index paging being the default", () => {
  const config = plain<Readonly<Record<string, unknown>>>(
    renderServiceProviderConfig(base, "https://x.org/docs"),
  );
  assert.deepEqual(config["patch"], { supported: true });
  assert.deepEqual(config["bulk"], {
    supported: true,
    maxOperations: 1000,
    maxPayloadSize: 1_048_576,
  });
  assert.deepEqual(config["filter"], { supported: true, maxResults: 200 });
  assert.deepEqual(config["changePassword"], { supported: false });
  assert.deepEqual(config["pagination"], {
    cursor: true,
    index: true,
    defaultPaginationMethod: "index",
    defaultPageSize: 100,
    maxPageSize: 200,
    cursorTimeout: 3600,
  });
  assert.equal(config["documentationUri"], "https://x.org/docs");
});

test("the discovery documents themselves have the attributes that their schemas list", () => {
  const urn = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
  const config = plain<Readonly<Record<string, unknown>>>(renderServiceProviderConfig(base, "d"));
  for (const name of Object.keys(config).filter((key) => !["schemas", "meta"].includes(key))) {
    assert.equal(attributeOf(urn, name).name, name);
  }
});
