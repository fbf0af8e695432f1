/**
 * The look of the app: the colours of the server-rendered pages (src/pages/static/app.css) as a Mantine
 * theme, light and dark. Every pair of text and ground holds 4.5 : 1.
 */
import {
  type AnchorProps,
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type MenuProps,
  type ModalProps,
  type PopoverProps,
  type TooltipProps,
} from "@mantine/core";

const tag: MantineColorsTuple = [
  ...(["#e8f4f0", "#e3efea", "#b5d9cf", "#62c7ae", "#85d8c3"] as const),
  ...(["#23927a", "#157562", "#0d5f50", "#094a3e", "#06352c"] as const),
];
const red: MantineColorsTuple = [
  ...(["#fdf1ee", "#fbeae6", "#f3c9c1", "#ff9d8f", "#ffb5aa"] as const),
  ...(["#cf4a3c", "#b8382b", "#a62b1f", "#8a2117", "#5f150d"] as const),
];
const gray: MantineColorsTuple = [
  ...(["#f7f5ef", "#f3f1ea", "#e9e6dc", "#dcd8cc", "#dcd8cc"] as const),
  ...(["#75807a", "#57625e", "#434d49", "#2f3735", "#1c2422"] as const),
];
const dark: MantineColorsTuple = [
  ...(["#e8ece9", "#c5cec9", "#a3afa9", "#8d9993", "#303a36"] as const),
  ...(["#2a3330", "#222a27", "#1b2220", "#161c1a", "#121716"] as const),
];

const systemFonts = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const systemMonospace = 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, monospace';

/**
 * Defaults for every use of a component. Only types are imported, so that a component is loaded with
 * the first page that shows it.
 */
const components = {
  // A link in a text is told from it by more than its colour.
  Anchor: { defaultProps: { underline: "always" } satisfies Partial<AnchorProps> },
  // The placeholder is a focusable element without a role inside the menu, which no reader expects.
  Menu: { defaultProps: { withInitialFocusPlaceholder: false } satisfies Partial<MenuProps> },
  Modal: {
    defaultProps: {
      centered: true,
      closeButtonProps: { "aria-label": "Close" },
      // A header within a dialog would count as the page's second banner.
      attributes: { header: { role: "presentation" } },
    } satisfies Partial<ModalProps>,
  },
  // Lists and menus open inside the main landmark, where the shell has a place for them.
  Popover: {
    defaultProps: { portalProps: { target: "#overlays" } } satisfies Partial<PopoverProps>,
  },
  Tooltip: {
    defaultProps: {
      events: { hover: true, focus: true, touch: true },
    } satisfies Partial<TooltipProps>,
  },
};

export const theme = createTheme({
  colors: { tag, red, gray, dark },
  primaryColor: "tag",
  primaryShade: { light: 7, dark: 3 },
  // What stands on a filled ground is light by day and dark by night.
  variantColorResolver: (input) => {
    const resolved = defaultVariantColorsResolver(input);
    return input.variant === "filled" ? { ...resolved, color: "var(--lg-on-filled)" } : resolved;
  },
  black: "#1c2422",
  white: "#fffefb",
  fontFamily: systemFonts,
  fontFamilyMonospace: systemMonospace,
  headings: { fontFamily: systemFonts, fontWeight: "650" },
  defaultRadius: "7px",
  cursorType: "pointer",
  respectReducedMotion: true,
  components,
});

/** Mantine's own variables where its defaults are too pale to read, and ours for everything else. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--lg-paper": "#f3f1ea",
    "--lg-card": "#fffefb",
    "--lg-sunken": "#f7f5ef",
    "--lg-ink": "#1c2422",
    "--lg-soft": "#57625e",
    "--lg-line": "#dcd8cc",
    "--lg-field": "#848c87",
    "--lg-accent": "#0d5f50",
    "--lg-tint": "#e3efea",
    "--lg-on-filled": "#ffffff",
    "--lg-bad": "#a62b1f",
    "--lg-bad-tint": "#fbeae6",
    "--lg-warn": "#7a4d00",
    "--lg-warn-tint": "#fbf0d9",
    "--lg-good": "#1a6b3c",
    "--lg-good-tint": "#e4f2e8",
    "--mantine-color-dimmed": "#57625e",
    "--mantine-color-placeholder": "#66706b",
    "--mantine-color-error": "#a62b1f",
    "--mantine-color-default-border": "#848c87",
    "--mantine-color-disabled-color": "#66706b",
    "--mantine-color-tag-light-color": "#094a3e",
    "--mantine-color-red-light-color": "#8a2117",
  },
  dark: {
    "--lg-paper": "#121716",
    "--lg-card": "#1b2220",
    "--lg-sunken": "#161c1a",
    "--lg-ink": "#e8ece9",
    "--lg-soft": "#a3afa9",
    "--lg-line": "#303a36",
    "--lg-field": "#6d7a74",
    "--lg-accent": "#62c7ae",
    "--lg-tint": "#1d332d",
    "--lg-on-filled": "#06231d",
    "--mantine-primary-color-contrast": "#06231d",
    "--lg-bad": "#ff9d8f",
    "--lg-bad-tint": "#3a211d",
    "--lg-warn": "#f2c36b",
    "--lg-warn-tint": "#34290f",
    "--lg-good": "#86d6a3",
    "--lg-good-tint": "#1a3122",
    "--mantine-color-dimmed": "#a3afa9",
    "--mantine-color-placeholder": "#8d9993",
    "--mantine-color-error": "#ff9d8f",
    "--mantine-color-default-border": "#6d7a74",
    "--mantine-color-disabled-color": "#9aa6a0",
    "--mantine-color-anchor": "#62c7ae",
    "--mantine-color-tag-filled-hover": "#85d8c3",
    "--mantine-color-tag-light": "#1d332d",
    "--mantine-color-tag-light-hover": "#244038",
    "--mantine-color-tag-light-color": "#85d8c3",
    "--mantine-color-tag-outline": "#62c7ae",
    "--mantine-color-red-light": "#3a211d",
    "--mantine-color-red-light-hover": "#4a2a25",
    "--mantine-color-red-light-color": "#ffb5aa",
    "--mantine-color-red-outline": "#ff9d8f",
  },
});
