/** Menu of the person signed in: their account, the colours, and the way out. */
import { type MantineColorScheme, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { useClickOutside } from "@mantine/hooks";
import { type KeyboardEvent, useRef, useState } from "react";
import { roleName } from "../../../src/access/roles.ts";
import { boot, csrfToken } from "../boot.ts";
import { ChevronIcon } from "./icons.tsx";

const schemes: readonly (readonly [value: MantineColorScheme, label: string])[] = [
  ["auto", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

/** A button at the right of the header, and the panel that it opens. */
export function UserMenu() {
  const { name, email } = boot.user;
  const [isOpen, setIsOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const frame = useClickOutside<HTMLDivElement>(() => setIsOpen(false));
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen) return;
    setIsOpen(false);
    button.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what the button opened
    <div ref={frame} className="lg-user" onKeyDown={closeOnEscape}>
      <UnstyledButton
        ref={button}
        className="lg-user-button"
        aria-label={`Your menu, ${name || email}`}
        aria-expanded={isOpen}
        aria-controls="user-menu"
        onClick={() => setIsOpen(!isOpen)}
      >
        <span>{name || email}</span>
        <ChevronIcon />
      </UnstyledButton>
      <div id="user-menu" className="lg-user-panel" hidden={!isOpen}>
        <Panel />
      </div>
    </div>
  );
}

function Panel() {
  const { email, role } = boot.user;
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <p>
        {email}, {roleName(role)}
      </p>
      <a href={boot.studio_url === null ? "/" : "/user/access"}>Your access</a>
      <a href="/user/account">Your account</a>
      <fieldset>
        <legend>Colours</legend>
        {schemes.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name="colours"
              value={value}
              checked={colorScheme === value}
              onChange={() => setColorScheme(value)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <form method="post" action="/user/logout">
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <button type="submit">Sign out</button>
      </form>
    </>
  );
}
