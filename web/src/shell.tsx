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
import { createLink, Outlet, useRouterState } from "@tanstack/react-router";
import { type Ref, useState } from "react";
import { boot } from "./boot.ts";
import { navGroups } from "./nav.ts";
import { Mark } from "./ui/icons.tsx";
import { NavigationProgress } from "./ui/navigation-progress.tsx";
import { UserMenu } from "./ui/user-menu.tsx";

const MenuLink = createLink((props: NavLinkProps & { readonly ref?: Ref<HTMLAnchorElement> }) => (
  <NavLink component="a" {...props} />
));

/** The root route's component. */
export function Shell() {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // On a narrow screen the menu stands open over the page where it was opened, and on no other.
  const [openAt, setOpenAt] = useState<string | null>(null);
  const isOpen = openAt === path;
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
            onClick={() => setOpenAt(isOpen ? null : path)}
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
      <AppShell.Navbar
        id="menu"
        className={isOpen ? "lg-nav" : "lg-nav lg-nav-closed"}
        aria-label="Organization"
        component="nav"
        onKeyDown={(event) => event.key === "Escape" && setOpenAt(null)}
      >
        <Menu path={path} />
      </AppShell.Navbar>
      <AppShell.Main
        id="main"
        tabIndex={-1}
        bg="var(--lg-paper)"
        className={isOpen ? "lg-covered" : undefined}
      >
        <Box maw="72rem" mx="auto">
          <Outlet />
        </Box>
        <div id="overlays" />
      </AppShell.Main>
    </AppShell>
  );
}

function Brand() {
  return (
    <a className="lg-brand" href="/">
      <Mark />
      Labelgate
    </a>
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
