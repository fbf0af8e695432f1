/**
 * The policy's three questions, between which the gateway reads the body and looks things up:
 *
 *   openRequest(head)                              → row, and how its body is wanted, or a refusal
 *   readRequest(opened, bytes)                     → StudioRequest (row, values, refs) or a refusal
 *   decide(request, viewer, resources, switches)   → Forward or a refusal
 *
 * Nothing of what the client sent goes on but what `Forward` holds (GATEWAY 10.4).
 */
import type { AnswerEdit } from "./answer-edit.ts";
import type { StudioRole } from "./viewer.ts";

/** A refusal: a code of errors.ts and the sentence for the person, where it says more than the code. */
export interface StudioRefusal {
  readonly code:
    | "bad_request"
    | "not_found"
    | "permission_denied"
    | "method_not_allowed"
    | "length_required"
    | "payload_too_large"
    | "unsupported_media_type"
    | "validation_failed";
  readonly detail?: string;
}

/** The request that goes on to Label Studio in place of the client's. */
export interface Forward {
  readonly method: string;
  /** Path and query, written anew in canonical form. */
  readonly target: string;
  /**
   * `none`: no body is sent. `stream`: the client's bytes as they come, with the Content-Type given
   * here and the client's Content-Length. Otherwise the body written anew.
   */
  readonly body:
    | { readonly kind: "none" }
    | { readonly kind: "stream"; readonly type: string }
    | { readonly kind: "bytes"; readonly type: string; readonly bytes: Uint8Array };
  /** The role that counted. */
  readonly role: StudioRole;
  /** The project that the request concerns; null where it concerns none. */
  readonly project: number | null;
  /** The edit of the answer; null where it streams through untouched. */
  readonly edit: AnswerEdit | null;
  /** True where Label Studio may take minutes (GATEWAY 10.7). */
  readonly isSlow: boolean;
  /**
   * Label Studio's number of the person whom the address names; null where it names none. Not one of
   * the people whom the viewer sees: 404 in place of forwarding (GATEWAY 10.5).
   */
  readonly person: number | null;
  /**
   * The workspace that a project was asked to be in, its `id` null for none; null where it was not
   * asked. Label Studio knows no workspaces.
   */
  readonly workspace: { readonly id: number | null } | null;
}
