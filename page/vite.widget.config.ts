// The notebook widget's module: it makes the frame that the page runs in.
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "../src/clearprop/live/assets",
    emptyOutDir: false,
    copyPublicDir: false,
    target: "es2022",
    lib: { entry: "src/widget.ts", formats: ["es"], fileName: () => "widget.js" },
  },
});
