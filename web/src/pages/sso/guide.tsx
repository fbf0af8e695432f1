/** The clicks at the identity provider, those of the present step set off from the others. */
import { Text, Title } from "@mantine/core";
import { MarkedText } from "../../ui/marked-text.tsx";
import type { ClickStep, Provider } from "./providers.ts";

interface GuideProps {
  readonly provider: Provider;
  /** The step whose clicks are due now; every click alike where there is none. */
  readonly now?: ClickStep;
}

/** A numbered list beside the form. */
export function Guide({ provider, now }: GuideProps) {
  const { name, clicks, hints } = provider;
  return (
    <aside className="lg-guide" aria-label={`What to do at ${nameInText(provider)}`}>
      <Title order={3} size="1rem">
        {provider.key === "other" ? "At the identity provider" : `At ${name}`}
      </Title>
      <ol className="lg-clicks">
        {clicks.map(({ at, text }) => (
          <li key={text} data-now={at === now || undefined}>
            {at === now && <span className="lg-clicks-now">Now</span>}
            <MarkedText text={text} />
          </li>
        ))}
      </ol>
      {hints.map((hint) => (
        <Text key={hint} size="sm" c="dimmed">
          <MarkedText text={hint} />
        </Text>
      ))}
    </aside>
  );
}

/** Name of the provider inside a sentence. */
export function nameInText({ key, name }: Provider): string {
  return key === "other" ? "your identity provider" : name;
}
