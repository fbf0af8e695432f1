/**
 * Signing in by password beside single sign-on (PRODUCT 5, 9.8): who still can, and turning it off,
 * which the server allows only to those who have come in by single sign-on as it is set now.
 */
import { Button, Group, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { membersQuery } from "../../api/members.ts";
import { type SamlSettings, samlSettingsQuery, saveSamlSettings } from "../../api/saml-settings.ts";
import { boot } from "../../boot.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { TextLink } from "../../ui/links.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { Section } from "../../ui/section.tsx";

/** The section. */
export function Passwords() {
  const settings = useQuery(samlSettingsQuery);
  return (
    <Section
      title="Password sign-in"
      lead="Passwords work beside single sign-on until they are turned off."
    >
      {settings.error !== null && (
        <ErrorState error={settings.error} onRetry={() => void settings.refetch()} />
      )}
      {settings.data === undefined && settings.error === null && <Loading lines={3} />}
      {settings.data !== undefined && <PasswordSwitch settings={settings.data} />}
    </Section>
  );
}

function PasswordSwitch({ settings }: { readonly settings: SamlSettings }) {
  const [isAsking, setIsAsking] = useState(false);
  const { disable_password_login: isOff, login_url: loginUrl } = settings;
  const { may_disable: mayDisable, reason, used_by: usedBy } = settings.password_login;
  const isLocked = !(isOff || mayDisable);
  const allow = async () => await saveSamlSettings({ disable_password_login: false });
  return (
    <>
      <Switch
        label="Turn password sign-in off"
        description={isLocked ? reason : "Only single sign-on opens the organization then."}
        checked={isOff}
        disabled={isLocked}
        onChange={() => setIsAsking(true)}
      />
      {isLocked && settings.metadata !== null && (
        <Group>
          <Button
            component="a"
            variant="default"
            href={`${loginUrl}?next=${encodeURIComponent("/organization/settings")}`}
          >
            Sign on by single sign-on now
          </Button>
        </Group>
      )}
      <Text>
        {usageSentence(usedBy)}{" "}
        {usedBy > 0 && (
          <TextLink to="/organization/members" search={{ password: "yes" }}>
            See who
          </TextLink>
        )}
      </Text>
      {!isOff && <OwnersPassword />}
      <ConfirmTyped
        isOpen={isAsking && !isOff}
        onClose={() => setIsAsking(false)}
        title="Turn password sign-in off?"
        confirmLabel="Turn it off"
        onConfirm={async () => {
          await saveSamlSettings({ disable_password_login: true });
          notifyDone("Password sign-in is off.", allow);
        }}
      >
        {usageSentence(usedBy)} They come in by single sign-on alone from now on. Invitations and
        password resets are refused. Sessions that are open stay open. If single sign-on ever fails,{" "}
        <code className="lg-code">labelgate recover</code> on the server makes a one-time link for
        the Owner.
      </ConfirmTyped>
      <ConfirmTyped
        isOpen={isAsking && isOff}
        onClose={() => setIsAsking(false)}
        isDanger={false}
        title="Allow password sign-in again?"
        confirmLabel="Allow it"
        onConfirm={async () => {
          await allow();
          notifyDone("Password sign-in is allowed again.");
        }}
      >
        Whoever has a password can sign in by it again.
      </ConfirmTyped>
    </>
  );
}

function usageSentence(usedBy: number): string {
  if (usedBy === 0) return "Nobody has a password that opens this organization.";
  if (usedBy === 1) return "1 person has a password that opens this organization.";
  return `${usedBy.toLocaleString()} people have a password that opens this organization.`;
}

/** The most powerful account is better guarded by the identity provider. */
function OwnersPassword() {
  const owner = useQuery(membersQuery({ role: "OW", has_password: true, page: 1, page_size: 1 }));
  const user = owner.data?.results[0]?.user;
  if (user === undefined) return null;
  const isSelf = user.id === boot.user.id;
  return (
    <Notice
      tone="warn"
      title={isSelf ? "You sign in with a password." : "The Owner has a password."}
    >
      We advise against one for the Owner, {user.email}: it opens everything, and the identity
      provider's second factor does not guard it. Sign on by single sign-on, then turn password
      sign-in off here.
    </Notice>
  );
}
