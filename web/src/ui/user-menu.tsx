/** Who is here, the way to their account, the colour scheme, and the way out. */
import {
  type MantineColorScheme,
  Menu,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from "@mantine/core";
import { useRef } from "react";
import { roleName } from "../../../src/access/roles.ts";
import { boot, csrfToken } from "../boot.ts";
import { ChevronIcon } from "./icons.tsx";

const schemes: readonly (readonly [value: MantineColorScheme, label: string])[] = [
  ["auto", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

/** The menu at the right of the header. */
export function UserMenu() {
  const { name, email, role } = boot.user;
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const form = useRef<HTMLFormElement>(null);
  return (
    <>
      <form ref={form} method="post" action="/user/logout" hidden>
        <input type="hidden" name="csrf_token" value={csrfToken} />
      </form>
      <Menu position="bottom-end" width={260} withinPortal={false}>
        <Menu.Target>
          <UnstyledButton className="lg-user" aria-label={`Your menu, ${name || email}`}>
            <Text size="sm" truncate maw={{ base: "6.5rem", sm: "16rem" }}>
              {name || email}
            </Text>
            <ChevronIcon />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {email}, {roleName(role)}
          </Menu.Label>
          <Menu.Item component="a" href="/">
            Home
          </Menu.Item>
          <Menu.Item component="a" href="/user/account">
            Your account
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label id="colour-scheme">Colours</Menu.Label>
          <Menu.RadioGroup
            value={colorScheme}
            onChange={(value) => setColorScheme(value as MantineColorScheme)}
          >
            {schemes.map(([value, label]) => (
              <Menu.RadioItem key={value} value={value}>
                {label}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Menu.Divider />
          <Menu.Item onClick={() => form.current?.requestSubmit()}>Sign out</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
