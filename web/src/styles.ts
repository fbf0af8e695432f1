/** The style sheets, in the order in which they count: Mantine's in its layer, ours over it. */
import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "./app.css";
