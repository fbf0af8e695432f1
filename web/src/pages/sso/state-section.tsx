/**
 * Status of single sign-on at a glance: the people who may sign in, the metadata and its expiry, the
 * last sign-in.
 */
import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lastSignOnsQuery } from "../../api/last-sign-ins.ts";
import type { SamlSettings } from "../../api/saml-settings.ts";
import { Facts } from "../../ui/facts.tsx";
import { ButtonLink, TextLink } from "../../ui/links.tsx";
import { Section } from "../../ui/section.tsx";
import { Tag } from "../../ui/tag.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { FormFrame } from "./form-parts.tsx";
import { stateOf } from "./metadata-view.tsx";
import { providerOf } from "./providers.ts";
import { TestButton } from "./test-button.tsx";
import { useSettingsForm } from "./use-settings-form.ts";
import { toneOf } from "./warning-list.tsx";

/** The section, with the test of what is saved. */
export function StateSection({ settings }: { readonly settings: SamlSettings }) {
  const form = useSettingsForm(settings);
  const isGrave = settings.warnings.some((warning) => toneOf(warning) === "bad");
  return (
    <Section
      title="State"
      actions={
        <ButtonLink to="/organization/security/sso" search={{ step: "domain" }} variant="default">
          Guided set-up
        </ButtonLink>
      }
    >
      <Facts
        facts={[
          [
            "Single sign-on",
            <Tag key="state" tone={isGrave ? "bad" : "good"}>
              {isGrave ? "On, and needs a look" : "On"}
            </Tag>,
          ],
          ["Provider", providerOf(settings.idp_provider)?.name ?? "Not chosen"],
          [
            "Addresses",
            settings.domain === "" ? "Any domain" : `@${settings.domain.replaceAll(",", ", @")}`,
          ],
          ["Certificate", <CertificateState key="certificate" settings={settings} />],
          ["Groups", mappingWords(settings)],
          ["Last sign-on", <LastSignIn key="last" />],
          ["Passwords", <Passwords key="passwords" settings={settings} />],
        ]}
      />
      <FormFrame
        form={form}
        fields={[]}
        onSubmit={() => undefined}
        footer={
          <Group>
            <TestButton form={form} isPrimary />
          </Group>
        }
      >
        {null}
      </FormFrame>
    </Section>
  );
}

/** The certificate that lasts longest is the one that counts: the others are being replaced. */
function CertificateState({ settings }: { readonly settings: SamlSettings }) {
  const usable = (settings.metadata?.certificates ?? []).toSorted(
    (left, right) =>
      Number(right.is_usable) - Number(left.is_usable) || right.days_left - left.days_left,
  );
  const [longest] = usable;
  if (longest === undefined) return <>None</>;
  const [tone, words] = stateOf(longest);
  return <Tag tone={tone}>{words}</Tag>;
}

function mappingWords(settings: SamlSettings): string {
  const {
    roles_groups: roles,
    workspaces_groups: workspaces,
    projects_groups: projects,
  } = settings;
  const count = roles.length + workspaces.length + projects.length;
  if (count === 0) return "No mapping; everybody gets the default role";
  return `${roles.length} to roles, ${workspaces.length} to workspaces, ${projects.length} to projects`;
}

const outcomes: Readonly<Record<string, string>> = {
  admitted: "Signed in",
  not_activated: "Not activated",
  deactivated: "Deactivated",
  refused: "Refused",
};

function LastSignIn() {
  const { data: signOns } = useQuery(lastSignOnsQuery);
  if (signOns === undefined) return <>…</>;
  const [last] = signOns;
  if (last === undefined) return <>Nobody signed on lately</>;
  return (
    <>
      <TextLink
        underline="always"
        to="/organization/security/sign-ins/$reference"
        params={{ reference: last.reference }}
      >
        {last.email ?? "Somebody unknown"}
      </TextLink>
      , <TimeAgo at={last.at} />: {(outcomes[last.outcome] ?? last.outcome).toLowerCase()}
    </>
  );
}

/** Passwords stay possible beside single sign-on, which is not advised (PRODUCT 9.8). */
function Passwords({ settings }: { readonly settings: SamlSettings }) {
  if (settings.disable_password_login) return <>Off: single sign-on is the only way in</>;
  const { used_by: people } = settings.password_login;
  return (
    <>
      {people === 1 ? "One member" : `${people.toLocaleString()} members`} can sign in by password
      beside it. <TextLink to="/organization/settings">Turn that off in the settings</TextLink>
    </>
  );
}
