/** Contents of an identity provider's metadata: name, addresses, signing certificates. */
import { Stack, Text, Title } from "@mantine/core";
import { useId } from "react";
import type { IdpCertificate, MetadataSummary } from "../../api/saml-settings.ts";
import { Facts } from "../../ui/facts.tsx";
import { Tag, type Tone } from "../../ui/tag.tsx";
import { Day } from "../../ui/time-ago.tsx";

/** Days before its end from which a certificate is shown in a colour. */
const soonDays = 60;
const verySoonDays = 14;

/** The facts, then each certificate with its days. */
export function MetadataView({ metadata }: { readonly metadata: MetadataSummary }) {
  const heading = useId();
  return (
    <Stack gap="md">
      <Facts facts={factsOf(metadata)} />
      <section aria-labelledby={heading}>
        <Title order={3} size="0.9375rem" id={heading} mb="xs">
          Signing certificates
        </Title>
        <ul className="lg-certificates">
          {metadata.certificates.map((certificate) => (
            <Certificate key={certificate.fingerprint_sha256} certificate={certificate} />
          ))}
        </ul>
      </section>
    </Stack>
  );
}

function factsOf(metadata: MetadataSummary) {
  const { attribute_names: names } = metadata;
  return [
    ["Entity ID", <Code key="id" text={metadata.entity_id} />],
    ["Sign-on by redirect", <Code key="redirect" text={metadata.sso_redirect_url} />],
    ["Sign-on by POST", <Code key="post" text={metadata.sso_post_url} />],
    ["Wants signed requests", metadata.want_authn_requests_signed === true ? "Yes; we sign" : "No"],
    ["Valid until", <Day key="until" at={metadata.valid_until} never="No end is given" />],
    [
      "Announced attributes",
      names.length === 0 ? "None, which is usual" : <Code key="names" text={names.join(", ")} />,
    ],
  ] as const;
}

function Code({ text }: { readonly text: string | null }) {
  return text === null ? <>Not offered</> : <span className="lg-code">{text}</span>;
}

function Certificate({ certificate }: { readonly certificate: IdpCertificate }) {
  const { subject, fingerprint_sha256: fingerprint, key_type: keyType, problem } = certificate;
  const [tone, words] = stateOf(certificate);
  return (
    <li data-tone={tone}>
      <div className="lg-certificate-head">
        <Text fw={550} component="span" className="lg-wrap">
          {subject}
        </Text>
        <Tag tone={tone}>{words}</Tag>
      </div>
      {problem !== null && <Text size="sm">{problem}</Text>}
      <Text size="sm" c="dimmed" component="div">
        {keyType}, valid from <Day at={certificate.not_before} /> until{" "}
        <Day at={certificate.not_after} />
        <br />
        SHA-256 <span className="lg-code">{fingerprint}</span>
      </Text>
    </li>
  );
}

/** The colour and the words of a certificate's state. */
export function stateOf(certificate: IdpCertificate): readonly [Tone, string] {
  const { is_usable: isUsable, days_left: days } = certificate;
  if (!isUsable) return ["bad", "Cannot be used"];
  if (days < 0) return ["bad", expiredWords(-days - 1)];
  const words = daysWords(days);
  if (days < verySoonDays) return ["bad", words];
  return [days < soonDays ? "warn" : "good", words];
}

/** Whole days are told in both directions: a certificate with 0 left ends within the day. */
function daysWords(days: number): string {
  if (days === 0) return "Less than a day left";
  return days === 1 ? "1 day left" : `${days.toLocaleString()} days left`;
}

function expiredWords(days: number): string {
  if (days === 0) return "Expired within the last day";
  return `Expired ${days === 1 ? "1 day" : `${days.toLocaleString()} days`} ago`;
}
