/** Test sign-ons and inspected responses (PRODUCT 8.2, 8.3): what a sign-on would come to, told by the server. */
import { queryOptions } from "@tanstack/react-query";
import type { Change, Reason } from "../../../src/access/changes.ts";
import type { Check } from "../ui/checks-list.tsx";
import { get, post } from "./client.ts";

/** An attribute as a trusted key signed it. */
export interface TrialAttribute {
  readonly name: string;
  readonly friendly_name: string | null;
  readonly values: readonly string[];
  readonly mapped_to: "email" | "first_name" | "last_name" | "groups" | null;
}

/** Whom the attributes name. */
export interface TrialIdentity {
  readonly email: string;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly groups: readonly string[];
  readonly groups_state: "absent" | "empty" | "present" | "overage";
}

/** What a sign-on with the response would come to. */
export interface StoryOfTrial {
  readonly outcome: "admitted" | "not_activated" | "deactivated" | "refused";
  /** A code of the error table; null where nothing was refused. */
  readonly code: string | null;
  readonly hint: string | null;
  readonly detail: string | null;
  readonly checks: readonly Check[];
  /** None before the signature has verified. */
  readonly attributes: readonly TrialAttribute[];
  readonly identity: TrialIdentity | null;
  readonly evidence: Readonly<Record<string, unknown>>;
  /** The name of the role that the person would have; null where the sign-on is refused. */
  readonly role: string | null;
  readonly changes: readonly Change[];
  readonly reasons: readonly Reason[];
  readonly hints: readonly Reason[];
}

/** A test sign-on. */
export interface Trial {
  readonly id: string;
  readonly state: "waiting" | "done" | "expired";
  /** When it was answered, or else prepared. */
  readonly at: string;
  readonly expires_at: string;
  readonly configuration: "saved" | "unsaved";
  readonly story: StoryOfTrial | null;
}

/** How often a test that waits is asked about. */
const waitMs = 2_000;

/** A test sign-on, asked about until it is answered or over. */
export function trialQuery(id: string) {
  return queryOptions({
    queryKey: ["trial", id],
    queryFn: async ({ signal }) =>
      await get<Trial>(`/api/saml/settings/test/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === "waiting" ? waitMs : false),
  });
}

/** A story, with how the message was wrapped and when it says that it was written. */
export interface InspectedStory extends StoryOfTrial {
  /** Null where no message was found in the text. */
  readonly form: "base64" | "deflated" | "url_encoded" | "xml" | null;
  readonly issue_instant: string | null;
}

/** What a pasted response would come to. Nothing of it is kept. @throws ApiError */
export async function inspectResponse(
  text: string,
  { ignoreTime }: { readonly ignoreTime: boolean },
): Promise<InspectedStory> {
  const body = { saml_response: text, ignore_time: ignoreTime };
  return await post<InspectedStory>("/api/saml/inspect", body);
}
