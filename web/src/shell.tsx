/** The frame around every page: header, menu, skip link, progress of navigation. Its look is shell.css. */
import "./shell.css";
import { Anchor, Burger, NavLink, type NavLinkProps } from "@mantine/core";
import { createLink, Outlet, useRouterState } from "@tanstack/react-router";
import { type Ref, useState } from "react";
import { boot } from "./boot.ts";
import { navGroups } from "./nav.ts";
import { Mark } from "./ui/icons.tsx";
import { NavigationProgress } from "./ui/navigation-progress.tsx";
import { Toasts } from "./ui/notify.tsx";
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
    <div className="lg-frame" data-menu={isOpen ? "open" : "closed"}>
      <a className="lg-skip" href="#main">
        Skip to the content
      </a>
      <NavigationProgress />
      <header className="lg-header">
        <Burger
          opened={isOpen}
          onClick={() => setOpenAt(isOpen ? null : path)}
          hiddenFrom="sm"
          size="sm"
          aria-label={isOpen ? "Close the menu" : "Open the menu"}
          aria-expanded={isOpen}
          aria-controls="menu"
        />
        <a className="lg-brand" href={boot.studio_url === null ? "/" : "/user/access"}>
          <Mark />
          Labelgate
        </a>
        <span className="lg-organization">{boot.organization.title}</span>
        {boot.studio_url !== null && (
          <Anchor className="lg-studio" href={`${boot.studio_url}/projects/`}>
            <span className="lg-wide">Open </span>Label Studio
          </Anchor>
        )}
        <UserMenu />
      </header>
      <nav
        id="menu"
        className="lg-nav"
        aria-label="Organization"
        onKeyDown={(event) => event.key === "Escape" && setOpenAt(null)}
      >
        <Menu path={path} />
      </nav>
      <main id="main" className="lg-main" tabIndex={-1}>
        <div className="lg-page">
          <Outlet />
        </div>
        <div id="overlays" />
      </main>
      <Toasts />
    </div>
  );
}

function Menu({ path }: { readonly path: string }) {
  return navGroups.map(({ title, entries }) => (
    <div key={title}>
      <p id={`menu-${title}`} className="lg-nav-title">
        {title}
      </p>
      <ul aria-labelledby={`menu-${title}`}>
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
      </ul>
    </div>
  ));
}

function isWithin(path: string, start: string): boolean {
  return path === start || path.startsWith(`${start}/`);
}
