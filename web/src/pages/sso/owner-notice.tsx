/**
 * That the Owner cannot sign in by SAML until they confirm who vouches for them: to the Owner with the
 * button that confirms what this page shows, to others as a notice.
 */
import { Button } from "@mantine/core";
import { useState } from "react";
import { confirmSamlSettings, type SamlSettings } from "../../api/saml-settings.ts";
import { ErrorState } from "../../ui/error-state.tsx";
import { Notice } from "../../ui/notice.tsx";
import { notifyDone } from "../../ui/notify.tsx";

/** The code of the warning that this notice stands for. */
export const ownerSuspended = "owner_sign_in_suspended";

/** Nothing where the Owner's sign-in is not suspended. */
export function OwnerNotice({ settings }: { readonly settings: SamlSettings }) {
  const [error, setError] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const warning = settings.warnings.find(({ code }) => code === ownerSuspended);
  if (warning === undefined) return null;
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await confirmSamlSettings(settings.version);
      notifyDone("Confirmed. You can sign in by single sign-on again.");
    } catch (refusal) {
      setError(refusal instanceof Error ? refusal : new Error(String(refusal)));
    } finally {
      setBusy(false);
    }
  };
  if (!settings.owner_sign_in.may_confirm) {
    return (
      <Notice tone="warn" title="The Owner cannot sign in by single sign-on.">
        {warning.message}
      </Notice>
    );
  }
  return (
    <>
      <Notice
        tone="bad"
        title="You cannot sign in by single sign-on until you confirm these settings."
        action={
          <Button loading={isBusy} onClick={() => void confirm()}>
            I have checked them: confirm
          </Button>
        }
      >
        Whoever controls the identity provider, its keys, the e-mail attribute or the domains, or
        can forge SHA-1 where it is accepted, could sign in as you. Check each of them below, and
        who changed them in the activity log.
      </Notice>
      {error !== null && <ErrorState error={error} />}
    </>
  );
}
