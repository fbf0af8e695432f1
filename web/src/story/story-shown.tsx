/**
 * The whole story of a test sign-in (PRODUCT 8.2, 8.3): what it comes to, every check, who came with which
 * attributes, which rules decided, and what would change. The test page and Inspect show it alike.
 */
import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Change } from "../../../src/access/changes.ts";
import { projectTitlesQuery } from "../api/project-titles.ts";
import type { SignInReport } from "../api/trials.ts";
import { ChangeList } from "../ui/change-list.tsx";
import type { Check } from "../ui/checks-list.tsx";
import { ChecksList } from "../ui/checks-list.tsx";
import { Facts } from "../ui/facts.tsx";
import { ReasonList } from "../ui/reason-list.tsx";
import { Section } from "../ui/section.tsx";
import { Tag } from "../ui/tag.tsx";
import { AttributesTable } from "./attributes-table.tsx";
import { evidenceFacts } from "./evidence.tsx";
import { Identity } from "./identity.tsx";
import { GroupedReasons } from "./reasons.tsx";
import "./story.css";
import { Verdict } from "./verdict.tsx";

interface ReportProps {
  readonly story: SignInReport;
  /** Ways on from the verdict. */
  readonly children?: ReactNode;
}

/** The story, the most telling first. */
export function ReportShown({ story, children }: ReportProps) {
  const facts = evidenceFacts(story.evidence);
  const isRefused = story.code !== null;
  return (
    <Stack gap="lg">
      <Verdict story={story}>{children}</Verdict>
      {story.hints.length > 0 && (
        <Section title="Worth a look">
          <ReasonList reasons={story.hints} />
        </Section>
      )}
      {isRefused && facts.length > 0 && (
        <Section title="What the check found">
          <Facts facts={facts} />
        </Section>
      )}
      <Section title="Checks" lead={countOf(story.checks)}>
        <Checks checks={story.checks} />
      </Section>
      <Section
        title="Who came"
        lead="What the response says of the person, read by the attribute names of the settings."
      >
        <Identity identity={story.identity} />
        {(story.identity !== null || story.attributes.length > 0) && (
          <AttributesTable attributes={story.attributes} />
        )}
      </Section>
      {story.identity !== null && <Outcome story={story} />}
      {!isRefused && facts.length > 0 && (
        <Section title="How the response was sent">
          <Facts facts={facts} />
        </Section>
      )}
    </Stack>
  );
}

/** Every check; where one failed, those after it are folded away, since nothing is known of them. */
function Checks({ checks }: { readonly checks: readonly Check[] }) {
  const failedAt = checks.findIndex(({ result }) => result === "failed");
  const told = failedAt < 0 ? checks : checks.slice(0, failedAt + 1);
  const after = failedAt < 0 ? [] : checks.slice(failedAt + 1);
  return (
    <>
      <div className="lg-checks">
        <ChecksList checks={told} />
      </div>
      {after.length > 0 && (
        <details className="lg-checks-after">
          <summary>
            {after.length === 1 ? "The check after it" : `The ${after.length} checks after it`}
          </summary>
          <div className="lg-checks">
            <ChecksList checks={after} />
          </div>
        </details>
      )}
    </>
  );
}

function countOf(checks: readonly Check[]): string {
  const of = (result: Check["result"]) => checks.filter((check) => check.result === result).length;
  const told = [
    of("passed") > 0 ? [`${of("passed")} passed`] : [],
    of("failed") > 0 ? [`${of("failed")} failed`] : [],
    of("not_reached") > 0 ? [`${of("not_reached")} not reached`] : [],
    of("not_applicable") > 0
      ? [`${of("not_applicable")} ${of("not_applicable") === 1 ? "does" : "do"} not apply`]
      : [],
  ].flat();
  return `Everything that a response is checked for, in order: ${told.join(", ")}.`;
}

function Outcome({ story: { role, reasons, changes } }: { readonly story: SignInReport }) {
  return (
    <>
      <Section title="What the rules decide">
        <Text>
          {role === null ? (
            "No role: the sign-on is refused."
          ) : (
            <>
              The role would be <Tag tone="accent">{role}</Tag>
            </>
          )}
        </Text>
        {reasons.length > 0 && <GroupedReasons reasons={reasons} />}
      </Section>
      <Section title="What would change">
        <Changes changes={changes} />
      </Section>
    </>
  );
}

function Changes({ changes }: { readonly changes: readonly Change[] }) {
  const ids = changes.flatMap((change) => ("projectId" in change ? [change.projectId] : []));
  const { data } = useQuery(projectTitlesQuery(ids));
  if (changes.length === 0) return <Text c="dimmed">Nothing: everything stays as it is.</Text>;
  return <ChangeList changes={changes} {...(data !== undefined && { projectTitles: data })} />;
}
