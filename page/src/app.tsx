/** The page: header, controls, one of four screens, the timeline; each reads the store that it finds around it. */

import { useEffect, useLayoutEffect } from "preact/hooks";
import { listenToKeys } from "./model/keys";
import { type Store, StoreProvider } from "./model/store";
import { followTheme } from "./model/theme";
import { Controls } from "./parts/controls";
import { Empty } from "./parts/empty";
import { SharedSettings } from "./parts/exports_share";
import { Guard } from "./parts/guard";
import { Header } from "./parts/header";
import { Help } from "./parts/help";
import { Lesson } from "./parts/lesson";
import { Settings } from "./parts/settings";
import { Notices, PhaseSpoken } from "./parts/states";
import { Tabs } from "./parts/tabs";
import { Timeline } from "./parts/timeline";
import { DataScreen } from "./screens/data";
import { Diagnose } from "./screens/diagnose";
import { Explain } from "./screens/explain";
import { Watch } from "./screens/watch";
import "./app.css";

const SCREENS = { watch: Watch, explain: Explain, diagnose: Diagnose, data: DataScreen };

export function App({ store }: { store: Store }) {
  useLayoutEffect(followTheme, []);
  useEffect(() => listenToKeys(store), [store]);
  return (
    <StoreProvider value={store}>
      <Shell store={store} />
    </StoreProvider>
  );
}

function Shell({ store }: { store: Store }) {
  const Screen = SCREENS[store.screen.value];
  const empty = store.branch.value === null;
  return (
    <div class="app">
      <a class="skip" href="#screen">
        Skip to the screen
      </a>
      <Header />
      {!empty && (
        <div class="top-bar">
          <Tabs />
          <Controls />
        </div>
      )}
      {!empty && <Settings />}
      <Notices />
      <Lesson />
      <SharedSettings />
      <PhaseSpoken />
      <main id="screen" tabIndex={-1} class={`screen screen-${store.screen.value}`}>
        {empty && store.screen.value !== "data" ? (
          <Empty />
        ) : (
          <Guard key={store.screen.value}>
            <Screen />
          </Guard>
        )}
      </main>
      {!empty && <Timeline />}
      <Help />
    </div>
  );
}
