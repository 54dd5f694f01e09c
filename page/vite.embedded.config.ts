// The page as one classic script, for what holds everything itself: a report, and the frame of the notebook widget.
// Its style sheet would be the page's own once more, so it isn't written; assets/index.css is put beside the script.
import preact from "@preact/preset-vite";
import { defineConfig, type Plugin } from "vite";

const withoutStyle: Plugin = {
  name: "without-style",
  enforce: "post",
  generateBundle: {
    order: "post",
    handler(_, bundle) {
      for (const name of Object.keys(bundle)) if (name.endsWith(".css")) delete bundle[name];
    },
  },
};

export default defineConfig({
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: false }), withoutStyle],
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    outDir: "../src/clearprop/live/assets",
    emptyOutDir: false,
    copyPublicDir: false,
    cssCodeSplit: false,
    target: "es2022",
    lib: { entry: "src/embedded.tsx", formats: ["iife"], name: "clearprop", fileName: () => "embedded.js" },
  },
});
