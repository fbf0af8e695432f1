/**
 * The schemas of what can be provisioned: User, Group and the enterprise extension, word for word
 * after RFC 7643 4 and 8.7.1 in their characteristics. Descriptions are ours.
 */
import { type Attribute, complex, define, plural, type Schema } from "./attribute.ts";

const places = ["work", "home", "other"] as const;

const name = complex("name", "The components of the person's name.", [
  define("formatted", "The full name as shown to people."),
  define("familyName", "The family name."),
  define("givenName", "The given name."),
  define("middleName", "The middle names."),
  define("honorificPrefix", "A title such as Dr."),
  define("honorificSuffix", "A suffix such as III."),
]);

const addresses = complex(
  "addresses",
  "Postal addresses.",
  [
    define("formatted", "The address as it is written on a letter."),
    define("streetAddress", "Street and house number."),
    define("locality", "City."),
    define("region", "State or region."),
    define("postalCode", "Postal code."),
    define("country", "Country as an ISO 3166-1 code."),
    define("type", "A label for what the address is for.", { canonicalValues: places }),
    define("primary", "True for the preferred address; at most one is.", { type: "boolean" }),
  ],
  { multiValued: true },
);

const groups = complex(
  "groups",
  "The groups that the person belongs to; changed through the groups alone.",
  [
    define("value", "The id of the group.", { mutability: "readOnly" }),
    define("$ref", "The address of the group.", {
      type: "reference",
      referenceTypes: ["Group"],
      mutability: "readOnly",
    }),
    define("display", "The name of the group.", { mutability: "readOnly", isName: true }),
    define("type", "How the person belongs to it.", {
      mutability: "readOnly",
      canonicalValues: ["direct", "indirect"],
    }),
  ],
  { multiValued: true, mutability: "readOnly" },
);

const link = (description: string, referenceTypes: readonly string[] = ["external"]): Attribute =>
  define("value", description, { type: "reference", referenceTypes, caseExact: true });

/** RFC 7643 4.1. */
export const userSchema: Schema = {
  urn: "urn:ietf:params:scim:schemas:core:2.0:User",
  name: "User",
  description: "A person with an account.",
  attributes: [
    define("userName", "The e-mail address that the person signs in with.", {
      required: true,
      uniqueness: "server",
      isName: true,
    }),
    name,
    define("displayName", "The name shown to people."),
    define("nickName", "The casual way to address the person."),
    define("profileUrl", "The address of a page about the person.", {
      type: "reference",
      referenceTypes: ["external"],
      caseExact: true,
    }),
    define("title", "The job title."),
    define("userType", "The relation to the organization, such as Employee."),
    define("preferredLanguage", "The preferred language, as in Accept-Language."),
    define("locale", "The locale for formats, such as en-US."),
    define("timezone", "The time zone, such as Europe/Berlin."),
    define("active", "False where the person may not sign in.", { type: "boolean" }),
    define("password", "Never kept; accepted so that clients which send one work.", {
      mutability: "writeOnly",
      returned: "never",
      caseExact: true,
    }),
    plural("emails", "E-mail addresses.", {
      value: define("value", "An e-mail address.", { isName: true }),
      types: places,
    }),
    plural("phoneNumbers", "Phone numbers.", {
      types: ["work", "home", "mobile", "fax", "pager", "other"],
    }),
    plural("ims", "Instant messaging addresses.", {
      types: ["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
    }),
    plural("photos", "Addresses of pictures.", {
      value: link("The address of a picture."),
      types: ["photo", "thumbnail"],
    }),
    addresses,
    groups,
    plural("entitlements", "Things that the person may use."),
    plural("roles", "Roles at the identity provider; kept, and worth nothing here by themselves."),
    plural("x509Certificates", "Certificates.", {
      value: define("value", "A certificate, DER in base64.", { type: "binary", caseExact: true }),
    }),
  ],
};

/** RFC 7643 4.3. */
export const enterpriseSchema: Schema = {
  urn: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
  name: "EnterpriseUser",
  description: "What an organization knows about its people.",
  attributes: [
    define("employeeNumber", "The number of the person in the organization."),
    define("costCenter", "The cost center."),
    define("organization", "The organization."),
    define("division", "The division."),
    define("department", "The department."),
    complex("manager", "The person's manager.", [
      define("value", "The id of the manager."),
      define("$ref", "The address of the manager.", {
        type: "reference",
        referenceTypes: ["User"],
      }),
      define("displayName", "The manager's name.", { mutability: "readOnly" }),
    ]),
  ],
};

/** RFC 7643 4.2. */
export const groupSchema: Schema = {
  urn: "urn:ietf:params:scim:schemas:core:2.0:Group",
  name: "Group",
  description: "A group that the identity provider pushes; mappings say what it grants.",
  attributes: [
    define("displayName", "The name of the group, which mappings compare exactly.", {
      required: true,
      isName: true,
    }),
    complex(
      "members",
      "The members of the group.",
      [
        define("value", "The id of the member.", { mutability: "immutable" }),
        define("$ref", "The address of the member.", {
          type: "reference",
          referenceTypes: ["User", "Group"],
          mutability: "immutable",
        }),
        define("type", "What the member is.", {
          mutability: "immutable",
          canonicalValues: ["User", "Group"],
        }),
        define("display", "The name of the member.", { mutability: "readOnly", isName: true }),
      ],
      { multiValued: true },
    ),
  ],
};

/** RFC 7643 3.1: what every resource has. No schema document lists them. */
export const commonAttributes: readonly Attribute[] = [
  define("schemas", "The schemas of the resource.", {
    type: "reference",
    referenceTypes: ["uri"],
    multiValued: true,
    caseExact: true,
    returned: "always",
  }),
  define("id", "The id that the server gave.", {
    caseExact: true,
    mutability: "readOnly",
    returned: "always",
    uniqueness: "server",
  }),
  define("externalId", "The id that the client gave.", { caseExact: true }),
  complex(
    "meta",
    "What the server knows about the resource.",
    [
      define("resourceType", "User or Group.", { caseExact: true, mutability: "readOnly" }),
      define("created", "When it was created.", { type: "dateTime", mutability: "readOnly" }),
      define("lastModified", "When it last changed.", { type: "dateTime", mutability: "readOnly" }),
      define("location", "Its address.", {
        type: "reference",
        caseExact: true,
        mutability: "readOnly",
        referenceTypes: ["uri"],
      }),
      define("version", "Its ETag.", { caseExact: true, mutability: "readOnly" }),
    ],
    { mutability: "readOnly" },
  ),
];
