/** The frame around every page: header, menu, skip link, progress of navigation. */
import {
  AppShell,
  Box,
  Burger,
  Group,
  NavLink,
  type NavLinkProps,
  ScrollArea,
  Text,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { createLink, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { boot } from "./boot.ts";
import { navGroups } from "./nav.ts";
import { Mark } from "./ui/icons.tsx";
import { NavigationProgress } from "./ui/navigation-progress.tsx";
import { UserMenu } from "./ui/user-menu.tsx";

const MenuLink = createLink(
  (props: NavLinkProps & { readonly ref?: React.Ref<HTMLAnchorElement> }) => (
    <NavLink component="a" {...props} />
  ),
);

/** The root route's component. */
export function Shell() {
  const [isOpen, menu] = useDisclosure(false);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes whenever the page changes
  useEffect(() => menu.close(), [path]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 248, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding={{ base: "md", sm: "xl" }}
    >
      <a className="lg-skip" href="#main">
        Skip to the content
      </a>
      <NavigationProgress />
      <AppShell.Header bg="var(--lg-card)">
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger
            opened={isOpen}
            onClick={menu.toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={isOpen ? "Close the menu" : "Open the menu"}
            aria-expanded={isOpen}
            aria-controls="menu"
          />
          <Brand />
          <Text c="dimmed" size="sm" truncate visibleFrom="sm">
            {boot.organization.title}
          </Text>
          <Box ml="auto">
            <UserMenu />
          </Box>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar id="menu" bg="var(--lg-card)" aria-label="Organization" component="nav">
        <Menu path={path} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} bg="var(--lg-paper)">
        <Box maw="72rem" mx="auto">
          <Outlet />
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}

function Brand() {
  return (
    <Group
      component="a"
      {...{ href: "/" }}
      gap={8}
      wrap="nowrap"
      c="var(--lg-ink)"
      fw={650}
      td="none"
    >
      <Mark />
      Labelgate
    </Group>
  );
}

function Menu({ path }: { readonly path: string }) {
  return (
    <ScrollArea px="xs" py="sm">
      {navGroups.map(({ title, entries }) => (
        <Box key={title} mb="md">
          <Text id={`menu-${title}`} size="xs" c="dimmed" fw={600} px="sm" pb={4}>
            {title}
          </Text>
          <Box component="ul" aria-labelledby={`menu-${title}`} m={0} p={0} className="lg-menu">
            {entries.map(({ label, to, icon: Icon }) => (
              <li key={to}>
                <MenuLink
                  to={to}
                  label={label}
                  leftSection={<Icon />}
                  active={isWithin(path, to)}
                  aria-current={isWithin(path, to) ? "page" : undefined}
                />
              </li>
            ))}
          </Box>
        </Box>
      ))}
    </ScrollArea>
  );
}

function isWithin(path: string, start: string): boolean {
  return path === start || path.startsWith(`${start}/`);
}
