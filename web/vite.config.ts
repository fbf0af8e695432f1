/**
 * How the administrators' app is built: hashed files under /organization/assets/ and a manifest from
 * which src/http/web-app.ts writes the document around them. scripts/build-web.mjs runs this and
 * compresses what it leaves.
 */
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/**
 * Lets each Mantine component bring its own style sheet, so that a page loads the styles of what it
 * shows. A component imports the ones it is made of, so that their styles come before its own.
 */
function mantineStyles(): Plugin {
  const classNamesRe = /@mantine\/core\/esm\/.*\/(\w+)\.module\.mjs$/;
  return {
    name: "mantine-styles",
    transform(code, id) {
      const component = classNamesRe.exec(id)?.[1];
      if (component === undefined) return null;
      return `import "@mantine/core/styles/${component}.layer.css";\n${code}`;
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: "/organization/assets/",
  plugins: [react(), mantineStyles()],
  build: {
    target: "es2022",
    assetsDir: "",
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    // The first load has a budget of its own in test/browser/web-app.test.ts.
    chunkSizeWarningLimit: 900,
    rolldownOptions: { input: "src/main.tsx" },
  },
});
