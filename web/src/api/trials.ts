/** Test sign-ins and inspected responses (PRODUCT 8.2, 8.3): what a sign-in would come to, told by the server. */
import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  inspectionAnswer,
  testSignInAnswer,
} from "../../../src/http/openapi/sign-on-answers.ts";
import { get, post } from "./client.ts";

/** A test sign-in. */
export type TestSignIn = z.output<typeof testSignInAnswer>;

/** Report on a sign-in with the response. */
export type SignInReport = NonNullable<TestSignIn["story"]>;

/** An attribute as a trusted key signed it. */
export type ReportAttribute = SignInReport["attributes"][number];

/** Person that the attributes name. */
export type ReportIdentity = NonNullable<SignInReport["identity"]>;

/** A story, with how the message was wrapped and when it says that it was written. */
export type InspectedReport = z.output<typeof inspectionAnswer>;

/** Interval between two questions about a test that waits, in milliseconds. */
const waitMs = 2_000;

/** A test sign-in, asked about until it is answered or over. */
export function testSignInQuery(id: string) {
  return queryOptions({
    queryKey: ["trial", id],
    queryFn: async ({ signal }) =>
      await get<TestSignIn>(`/api/saml/settings/test/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === "waiting" ? waitMs : false),
  });
}

/** Reports on a sign-in with a pasted response. Nothing of it is kept. @throws ApiError */
export async function inspectResponse(
  text: string,
  { ignoreTime }: { readonly ignoreTime: boolean },
): Promise<InspectedReport> {
  const body = { saml_response: text, ignore_time: ignoreTime };
  return await post<InspectedReport>("/api/saml/inspect", body);
}
