/** Links within the app, in Mantine's clothes; addresses and parameters are checked by the router's types. */
import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink, type LinkComponentProps } from "@tanstack/react-router";
import type { ComponentPropsWithRef } from "react";

/** Props of a link of the browser, beside Mantine's own. */
type Plain = Omit<ComponentPropsWithRef<"a">, keyof AnchorProps | keyof ButtonProps>;

/** A link in a text or a table. */
export const TextLink = createLink(({ ref, ...props }: AnchorProps & Plain) => (
  <Anchor ref={ref} {...props} />
));

/** A link that looks like a button. */
export const ButtonLink = createLink(({ ref, ...props }: ButtonProps & Plain) => (
  <Button component="a" ref={ref} {...props} />
));

/** An address of the app, as `to` of a link takes it. */
export type PagePath = NonNullable<LinkComponentProps["to"]>;
