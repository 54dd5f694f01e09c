import preact from "@preact/preset-vite";
import { defineConfig } from "vitest/config";

// `npm run dev` shows the run of `clearprop play --no-browser --port 8765`: open /#token=… with the token that it prints.
const RUN = "http://127.0.0.1:8765";
const paths = ["session", "stream", "command", "ask", "upload", "link"];
const proxy = Object.fromEntries(
  paths.map((path) => [`/${path}`, { target: RUN, changeOrigin: true, headers: { origin: RUN } }]),
);

// The page is served from a fixed table of names under /assets, so that nothing may be inlined as a data: address.
export default defineConfig({
  base: "./",
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false })],
  server: { host: "127.0.0.1", proxy },
  build: {
    outDir: "../src/clearprop/live/assets",
    emptyOutDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: {
      output: {
        entryFileNames: "assets/page.js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/[name][extname]",
      },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], css: { include: [/theme\.css/] } },
});
