/** Entry of the app: nonce, providers, router. */
import "./styles.ts";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/query-client.ts";
import { styleNonce } from "./boot.ts";
import { router } from "./router.tsx";
import { cssVariables, theme } from "./theme.ts";

// Dialogs lock scrolling by a style element of their own, which the policy wants with the nonce.
setNonce(styleNonce);

const root = document.getElementById("root");
if (root === null) throw new Error("the document has no element #root");

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
