/**
 * The OpenAPI 3.1 document of the API, made from the schemas that the routes parse with. Pure; what is
 * live is routes.ts's to know.
 */
import { errorAnswer } from "./answers.ts";
import { memberTagOperations } from "./member-tag-operations.ts";
import { inputSchema, type JsonSchema, type Operation, outputSchema, tags } from "./operation.ts";
import { peopleOperations } from "./people-operations.ts";
import { permissionOperations } from "./permission-operations.ts";
import { placeOperations } from "./place-operations.ts";
import { provisioningOperations } from "./provisioning-operations.ts";
import { settingsOperations } from "./settings-operations.ts";
import { testSignInOperations } from "./trial-operations.ts";
import { upstreamOperations } from "./upstream-operations.ts";

/** Every operation that is described. */
export const operations: readonly Operation[] = [
  ...peopleOperations,
  ...memberTagOperations,
  ...permissionOperations,
  ...placeOperations,
  ...settingsOperations,
  ...testSignInOperations,
  ...upstreamOperations,
  ...provisioningOperations,
];

/** An operation by method and address, whatever its parameters are called and how it ends. */
export function operationKey(method: string, path: string): string {
  const address = path.replaceAll(/\{\w+\}|:\w+/g, "{}").replace(/(?<=.)\/$/, "");
  return `${method.toUpperCase()} ${address}`;
}

const info = {
  title: "Labelgate",
  version: "1",
  summary: "Single sign-on and the organization API of Label Studio.",
  description:
    "Methods, addresses, fields and codes are those of Label Studio Enterprise. Addresses answer with and without a trailing slash. What the caller may not see answers as missing.",
  license: { name: "Apache-2.0", identifier: "Apache-2.0" },
} as const;

const securitySchemes = {
  token: {
    type: "apiKey",
    in: "header",
    name: "Authorization",
    description: "A personal API token: Authorization: Token <40 hexadecimal digits>.",
  },
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "An access token, bought with a personal access token at /api/token/refresh/.",
  },
} as const;

/** The document of `described`, for the server at `baseUrl`. */
export function renderDocument(described: readonly Operation[], baseUrl: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of described) {
    const path = paths[operation.path] ?? {};
    paths[operation.path] = path;
    path[operation.method] = renderOperation(operation);
  }
  return {
    openapi: "3.1.1",
    info,
    servers: [{ url: baseUrl }],
    security: [{ token: [] }, { bearer: [] }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes,
      schemas: { Error: outputSchema(errorAnswer) },
      responses: {
        Refused: {
          description: "A refusal, with what is wrong by field where fields are wrong.",
          content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
        },
      },
    },
  };
}

/** The document as it is sent. */
export type ApiDocument = ReturnType<typeof renderDocument>;

function renderOperation(operation: Operation) {
  const { tag, summary, description, body, isPublic } = operation;
  const parameters = [...pathParameters(operation.path), ...queryParameters(operation)];
  return {
    operationId: operationIdOf(operation),
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: renderBody(operation, inputSchema(body)) }),
    responses: {
      [operation.status]: renderAnswer(operation),
      default: { $ref: "#/components/responses/Refused" },
    },
    ...(isPublic === true && { security: [] }),
  };
}

/** Such as `get_api_projects_id_members`. */
function operationIdOf({ method, path }: Operation): string {
  const words = path.match(/\w+/g) ?? [];
  return [method, ...words].join("_");
}

function renderBody({ bodyTypes }: Operation, schema: JsonSchema) {
  const types = bodyTypes ?? ["application/json", "application/x-www-form-urlencoded"];
  const isNeeded = Array.isArray(schema["required"]) && schema["required"].length > 0;
  return {
    required: isNeeded,
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  };
}

function renderAnswer({ answer, answerTypes = ["application/json"], status }: Operation) {
  const description = { 200: "Done.", 201: "Made.", 204: "Done; there is nothing to say." }[status];
  if (answer === null) return { description };
  const schema = outputSchema(answer);
  return {
    description,
    content: Object.fromEntries(answerTypes.map((type) => [type, { schema }])),
  };
}

/** Sessions, test sign-ins and permissions have words for ids; all else has whole numbers. */
const wordIdsRe = /^\/api\/(?:sessions|saml\/settings\/test)\//;
const wordNames: ReadonlySet<string | undefined> = new Set(["permission"]);

function pathParameters(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema:
      wordIdsRe.test(path) || wordNames.has(name)
        ? { type: "string", minLength: 1 }
        : { type: "integer", minimum: 1, maximum: 2_147_483_647 },
  }));
}

function queryParameters({ query }: Operation) {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = inputSchema(query) as {
    properties?: Readonly<Record<string, JsonSchema>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}
