/**
 * Instructions to connect an identity provider: the base URL, and the clicks at the provider that is
 * chosen.
 */
import "./scim.css";
import { Box, NativeSelect, Text, Title } from "@mantine/core";
import { boot } from "../../boot.ts";
import { CopyField } from "../../ui/copy-field.tsx";
import { MarkedText } from "../../ui/marked-text.tsx";
import { Section } from "../../ui/section.tsx";
import { useSearchState } from "../../ui/use-search-state.ts";
import { type ScimProvider, scimProviders } from "./providers.ts";

/** The first section: what the provider must be told. */
export function ConnectSection() {
  const { search, set } = useSearchState();
  const chosen = scimProviders.find(({ key }) => key === search["provider"]);
  return (
    <Section
      title="Connect the identity provider"
      lead="It needs two things: this base URL, and a token that you make below. The order of everything else does not matter."
    >
      <CopyField
        label="Base URL"
        value={`${boot.base_url}/scim/v2`}
        hint="SCIM 2.0, with the token as a bearer token (HTTP header Authorization)."
      />
      <NativeSelect
        label="Steps at"
        maw="20rem"
        value={chosen?.key ?? ""}
        onChange={(event) => set({ provider: event.currentTarget.value })}
        data={[
          { value: "", label: "Choose the provider" },
          ...scimProviders.map(({ key, name }) => ({ value: key, label: name })),
        ]}
      />
      {chosen !== undefined && <Steps provider={chosen} />}
    </Section>
  );
}

function Steps({ provider: { name, steps, hints } }: { readonly provider: ScimProvider }) {
  return (
    <Box>
      <Title order={3} size="1rem" mb="xs">
        At {name}
      </Title>
      <ol className="lg-steps">
        {steps.map((step) => (
          <li key={step}>
            <MarkedText text={step} />
          </li>
        ))}
      </ol>
      {hints.map((hint) => (
        <Text key={hint} c="dimmed" size="sm" mt="xs" maw="48rem">
          <MarkedText text={hint} />
        </Text>
      ))}
    </Box>
  );
}
