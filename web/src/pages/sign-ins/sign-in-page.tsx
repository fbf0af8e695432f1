/** The story of one attempt to sign in: what happened, what to do, who came, why, and what changed. */
import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { Change } from "../../../../src/access/changes.ts";
import { projectTitlesQuery } from "../../api/project-titles.ts";
import { type SignIn, signInQuery } from "../../api/sign-ins.ts";
import { wordsInText } from "../../story/code-labels.ts";
import { evidenceFacts, hintsOf } from "../../story/evidence.tsx";
import { GroupedReasons } from "../../story/reasons.tsx";
import { ChangeList } from "../../ui/change-list.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Facts } from "../../ui/facts.tsx";
import { ButtonLink, TextLink } from "../../ui/links.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Section } from "../../ui/section.tsx";
import { Moment } from "../../ui/time-ago.tsx";
import { IdentityFacts } from "./identity-facts.tsx";
import { isByPassword, meaningOf, outcomes } from "./outcomes.tsx";

const back = { to: "/organization/security/sign-ins", label: "Sign-in log" } as const;

/** The page. */
export function SignInPage() {
  const { reference } = useParams({ from: "/organization/security/sign-ins/$reference" });
  const { data, error, refetch } = useQuery(signInQuery(reference));
  const title = data?.email == null ? `Sign-in ${reference}` : `Sign-in of ${data.email}`;
  return (
    <>
      <PageHeader
        back={back}
        title={title}
        lead={
          data && (
            <>
              <Moment at={data.at} />, reference <span className="lg-code">{reference}</span>
            </>
          )
        }
        actions={data && <NextSteps attempt={data} />}
      />
      {error !== null && data === undefined && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {error === null && data === undefined && <Loading lines={6} />}
      {data === null && <NotFound />}
      {data && <Report attempt={data} />}
    </>
  );
}

function NotFound() {
  return (
    <div className="lg-card">
      <EmptyState title="The log has no attempt with this reference.">
        References are kept for 90 days, and each belongs to one organization. Compare the letters
        and digits with what the person sees.
      </EmptyState>
    </div>
  );
}

/** Links to the next steps, by what is known of the person. */
function NextSteps({ attempt: { user_id: userId, email } }: { readonly attempt: SignIn }) {
  if (userId !== null) {
    return (
      <ButtonLink to="/organization/members/$id" params={{ id: String(userId) }} variant="default">
        What this person may do, and why
      </ButtonLink>
    );
  }
  if (email === null) return null;
  return (
    <ButtonLink to="/organization/members" search={{ search: email }} variant="default">
      Look for this person
    </ButtonLink>
  );
}

function Report({ attempt }: { readonly attempt: SignIn }) {
  const facts = evidenceFacts(attempt.evidence);
  return (
    <Stack gap="lg">
      <Verdict attempt={attempt} />
      {attempt.code !== null && facts.length > 0 && !isByPassword(attempt) && (
        <Section title="What the check found">
          <Facts facts={facts} />
        </Section>
      )}
      {!isByPassword(attempt) && (
        <Section
          title="Who came"
          lead="What the identity provider said of the person, as it was read by the attribute names of the settings."
        >
          <IdentityFacts attempt={attempt} />
        </Section>
      )}
      {attempt.reasons.length > 0 && (
        <Section title="Why" lead="Each rule that had something to say, by what it is about.">
          <GroupedReasons reasons={attempt.reasons} />
        </Section>
      )}
      <Section title="What changed">
        <Changes changes={attempt.changes} />
      </Section>
      <Section title="The request">
        <Facts facts={[...(attempt.code === null ? facts : []), ...requestFacts(attempt)]} />
      </Section>
    </Stack>
  );
}

function Verdict({ attempt }: { readonly attempt: SignIn }) {
  const { outcome, code, hint, evidence } = attempt;
  const { name, tone } = outcomes[outcome];
  const title = code === null ? `${name}.` : `${name}: ${wordsInText(code)}.`;
  return (
    <Notice tone={tone} title={title}>
      <Text>{meaningOf(attempt)}</Text>
      {hint !== null && (
        <Text mt={6}>
          <strong>What to do:</strong> {hint}
        </Text>
      )}
      {hintsOf(evidence).map((text) => (
        <Text key={text} mt={6}>
          {text}
        </Text>
      ))}
      {code !== null && <Ways code={code} isByPassword={isByPassword(attempt)} />}
    </Notice>
  );
}

/** Links to pages where the cause can be looked into. */
function Ways({ code, isByPassword }: { readonly code: string; readonly isByPassword: boolean }) {
  return (
    <Group mt="xs" gap="md">
      {!isByPassword && (
        <>
          <TextLink to="/organization/security/sso">Test the settings by a sign-on</TextLink>
          <TextLink to="/organization/security/inspect">Inspect a response</TextLink>
        </>
      )}
      <TextLink to="/organization/security/sign-ins" search={{ code }}>
        All attempts refused for this
      </TextLink>
    </Group>
  );
}

function Changes({ changes }: { readonly changes: readonly Change[] }) {
  const ids = changes.flatMap((change) => {
    if ("projectId" in change) return [change.projectId];
    if ("grant" in change && change.grant.scope === "project") return [change.grant.projectId];
    return [];
  });
  const { data } = useQuery(projectTitlesQuery(ids));
  if (changes.length === 0) {
    return <Text c="dimmed">Nothing: everything stayed as it was.</Text>;
  }
  return <ChangeList changes={changes} {...(data !== undefined && { projectTitles: data })} />;
}

function requestFacts({ ip, user_agent: browser, request_id: requestId, signed }: SignIn) {
  return [
    ...(signed === null ? [] : [["Signature", signedWords(signed)] as const]),
    ["Address", ip ?? "Not known"],
    ["Browser", browser ?? "Not known"],
    ["Server's log", <Code key="log" text={requestId} />],
  ] as const;
}

function signedWords(signed: boolean): string {
  return signed
    ? "By a key of the identity provider"
    : "By no key that is trusted here: anybody may have sent it";
}

function Code({ text }: { readonly text: string | null }) {
  return text === null ? "Not known" : <span className="lg-code">{text}</span>;
}
