/** A sentence that must be seen: what is wrong, what was done, what to know. */
import { Box, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Tone } from "./tag.tsx";

interface NoticeProps {
  readonly tone?: Tone;
  /** A few words before the sentence. */
  readonly title?: string;
  readonly children?: ReactNode;
  /** A button or a link that fixes it. */
  readonly action?: ReactNode;
  /** True where it appears in answer to something just done, so that it is read out. */
  readonly isLive?: boolean;
}

/** The sentence in its colour. */
export function Notice({ tone = "accent", title, children, action, isLive = false }: NoticeProps) {
  const live = tone === "bad" ? "alert" : "status";
  return (
    <div className="lg-notice" data-tone={tone} {...(isLive && { role: live })}>
      <Box>
        {title !== undefined && <Text fw={600}>{title}</Text>}
        {children !== undefined && <Text component="div">{children}</Text>}
      </Box>
      {action}
    </div>
  );
}
