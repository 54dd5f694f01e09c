/** The screens, by name. */

import { SCREENS } from "../model/keys";
import { useStore } from "../model/store";
import "./tabs.css";

export function Tabs() {
  const { screen } = useStore();
  return (
    <nav class="tabs" aria-label="Screens">
      {SCREENS.map(({ id, name }, i) => (
        <button
          key={id}
          type="button"
          class="tab"
          aria-current={screen.value === id ? "page" : undefined}
          title={`${name} (${i + 1})`}
          data-screen={id}
          onClick={() => {
            screen.value = id;
          }}
        >
          {name}
        </button>
      ))}
    </nav>
  );
}
