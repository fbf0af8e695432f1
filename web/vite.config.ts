/**
 * How the administrators' app is built: hashed files under /organization/assets/ and a manifest from
 * which src/http/web-app.ts writes the document around them. scripts/build-web.mjs runs this and
 * compresses what it leaves.
 */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  base: "/organization/assets/",
  plugins: [react()],
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
