/**
 * The style sheets that stand for the whole app. Mantine's are in a layer, so that ours count over
 * them wherever they load; each component brings its own (web/vite.config.ts).
 */
import "@mantine/core/styles/baseline.layer.css";
import "@mantine/core/styles/default-css-variables.layer.css";
import "@mantine/core/styles/global.layer.css";
import "./app.css";
