/** The keys of this service provider: what is published, and renewing in two steps (PRODUCT 2.6). */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import {
  activateNextKey,
  publishNextKey,
  type SpKey,
  spKeysQuery,
} from "../../api/saml-settings.ts";
import { ConfirmTyped } from "../../ui/confirm-typed.tsx";
import { CopyButton } from "../../ui/copy-field.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Loading } from "../../ui/loading.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { Section } from "../../ui/section.tsx";
import { Tag } from "../../ui/tag.tsx";

type Question = "publish" | "activate";

/** The section. */
export function SpKeysSection() {
  const { data: keys, error, refetch } = useQuery(spKeysQuery);
  const [question, setQuestion] = useState<Question | null>(null);
  const hasNext = keys?.some(({ state }) => state === "next") ?? false;
  return (
    <Section
      id="keys"
      title="Our keys"
      lead="We sign requests with these, and the identity provider encrypts for them. Both stand in the SP metadata."
    >
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {error === null && keys === undefined && <Loading lines={2} />}
      {keys !== undefined && (
        <ul className="lg-certificates">
          {keys.map((key) => (
            <Key key={key.id} spKey={key} />
          ))}
        </ul>
      )}
      {keys !== undefined && (
        <Group gap="sm">
          {hasNext ? (
            <Button variant="default" onClick={() => setQuestion("activate")}>
              Use the next key
            </Button>
          ) : (
            <Button variant="default" onClick={() => setQuestion("publish")}>
              Renew the key
            </Button>
          )}
        </Group>
      )}
      <PublishQuestion isOpen={question === "publish"} onClose={() => setQuestion(null)} />
      <ActivateQuestion isOpen={question === "activate"} onClose={() => setQuestion(null)} />
    </Section>
  );
}

function Key({ spKey: { state, certificate } }: { readonly spKey: SpKey }) {
  const isActive = state === "active";
  return (
    <li data-tone={isActive ? "good" : "accent"}>
      <div className="lg-certificate-head">
        <Tag tone={isActive ? "good" : "accent"}>{isActive ? "In use" : "Published, next"}</Tag>
        <CopyButton
          value={certificate}
          what={isActive ? "the certificate in use" : "the next certificate"}
        />
      </div>
      <Text size="sm" c="dimmed">
        {isActive
          ? "Signs our requests."
          : "Stands in the SP metadata beside the one in use. Give it to the identity provider, then use it."}
      </Text>
    </li>
  );
}

interface QuestionProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

function PublishQuestion(props: QuestionProps) {
  return (
    <ConfirmTyped
      {...props}
      title="Publish the next key?"
      confirmLabel="Publish the next key"
      isDanger={false}
      onConfirm={async () => {
        await publishNextKey();
        notifyDone("The next key stands in the SP metadata. The present one stays in use.");
      }}
    >
      A new key is made and published in the SP metadata. Nothing else changes until you use it.
    </ConfirmTyped>
  );
}

function ActivateQuestion(props: QuestionProps) {
  return (
    <ConfirmTyped
      {...props}
      title="Use the next key from now on?"
      phrase="use the next key"
      confirmLabel="Use the next key"
      onConfirm={async () => {
        await activateNextKey();
        notifyDone("The next key is in use.");
      }}
    >
      <Stack gap="xs">
        <Text>
          The present key is retired, and this cannot be undone. Where the identity provider checks
          our signatures or encrypts for us, it must have the new certificate already, or nobody can
          sign on.
        </Text>
      </Stack>
    </ConfirmTyped>
  );
}
