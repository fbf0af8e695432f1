/** Rows of the error table that concern the Label Studio behind Labelgate (GATEWAY 10.6, 10.7). */
interface StudioErrorRow {
  readonly status: number;
  readonly public: string;
  readonly hint: string;
}

const row = (status: number, publicText: string, hint: string): StudioErrorRow => ({
  status,
  public: publicText,
  hint,
});

/** Code → status, public sentence, hint, as in errors.ts. */
export const studioErrors = {
  misdirected_request: row(
    421,
    "This server does not answer for that host name.",
    "The Host header is neither BASE_URL's nor UPSTREAM_PUBLIC_URL's; the proxy in front must pass the host name on.",
  ),
  length_required: row(
    411,
    "The request needs a Content-Length.",
    "Label Studio reads no body without a length; send one, or at most 1 MiB.",
  ),
  headers_too_large: row(
    431,
    "The request's headers are too large.",
    "Usually cookies of other programs on the same domain; clearing the cookies of this site helps.",
  ),
  upstream_away: row(
    502,
    "Label Studio is away. Try again in a minute.",
    "Label Studio did not take the connection or broke it off; see whether it runs and whether UPSTREAM_URL is right.",
  ),
  upstream_not_ready: row(
    503,
    "Label Studio is not ready yet. Try again in a minute.",
    "Embedded Label Studio is being installed or started; its progress stands on the page and in the log.",
  ),
  upstream_closed: row(
    503,
    "Label Studio is closed for now. Please ask an administrator.",
    "People or projects of Label Studio do not match what Labelgate knows; run labelgate upstream accept once that is right.",
  ),
  upstream_timeout: row(
    504,
    "Label Studio did not answer in time. It may still be working on the request.",
    "Label Studio took longer than the limit; see its log.",
  ),
  upstream_refused_credential: row(
    502,
    "Label Studio did not accept Labelgate's credential. Please ask an administrator.",
    "UPSTREAM_SECRET_KEY is not Label Studio's SECRET_KEY, its clock differs, or API tokens are off there; labelgate check says which.",
  ),
  upstream_bad_answer: row(
    502,
    "Label Studio's answer could not be read.",
    "The answer was not what this version of Label Studio answers, or larger than can be edited; the log names the address.",
  ),
  upstream_no_account: row(
    503,
    "Your Label Studio account is not ready yet. Try again in a minute.",
    "Label Studio could not be asked to make the account, or an administrator must decide which account is meant: Organization › Label Studio.",
  ),
} as const;
