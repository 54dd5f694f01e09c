/** How many features become a picture of two: chosen by hand, and always said. */

import { columnName } from "../draw/names";
import type { Choice } from "../model/plane";
import { useStore } from "../model/store";
import type { Data } from "../model/types";
import type { View } from "../screens/watch-view";

const MOST_NAMES = 48; // options of one list: beyond it a feature is chosen by its number

export function PlanePicker({ view }: { view: View }) {
  const store = useStore();
  const [data, choice, columns] = [store.data.value, view.choice.value, view.columns.value];
  if (data === null || columns.length === 0) return null;
  const hidden = columns.slice(1, -1).filter((each) => each.count > 1);
  if (data.features.length <= 2 && hidden.length === 0) return null;
  const pick = (next: Choice | null): void => {
    view.picked.value = next;
  };
  const kinds: { value: string; name: string; choice: () => Choice | null }[] = [];
  const features = choice !== null && "features" in choice ? choice.features : ([0, 1] as const);
  if (data.features.length > 2) {
    kinds.push(
      { value: "slice", name: "slice through the sample", choice: () => ({ kind: "slice", features }) },
      { value: "pca", name: "plane of principal components", choice: () => ({ kind: "pca" }) },
      {
        value: "dependence",
        name: "partial dependence, two features",
        choice: () => ({ kind: "dependence", features }),
      },
      {
        value: "dependence-line",
        name: "partial dependence, one feature",
        choice: () => ({ kind: "dependence-line", feature: features[0] }),
      },
    );
  } else kinds.push({ value: "", name: "inputs", choice: () => null });
  for (const each of hidden) {
    const name = `space of ${columnName(columns, columns.indexOf(each))}`;
    kinds.push({
      value: `units ${each.layer}`,
      name,
      choice: () => ({ kind: "units", layer: each.layer, units: null }),
    });
  }
  const now = choice === null ? "" : choice.kind === "units" ? `units ${choice.layer}` : choice.kind;
  return (
    <div class="planes">
      <label>
        Picture
        <select value={now} onChange={(event) => pick(kinds[event.currentTarget.selectedIndex]!.choice())}>
          {kinds.map((each) => (
            <option key={each.value} value={each.value}>
              {each.name}
            </option>
          ))}
        </select>
      </label>
      {choice !== null && "features" in choice && (
        <>
          <FeatureChoice
            label="Across"
            data={data}
            value={choice.features[0]}
            on={(j) => pick({ ...choice, features: apart(j, choice.features[1], 0) })}
          />
          <FeatureChoice
            label="Up"
            data={data}
            value={choice.features[1]}
            on={(j) => pick({ ...choice, features: apart(j, choice.features[0], 1) })}
          />
        </>
      )}
      {choice?.kind === "dependence-line" && (
        <FeatureChoice
          label="Feature"
          data={data}
          value={choice.feature}
          on={(feature) => pick({ ...choice, feature })}
        />
      )}
      {choice?.kind === "units" && <UnitChoice view={view} choice={choice} pick={pick} />}
    </div>
  );
}

/** Two different features: choosing the other one's swaps them. */
function apart(chosen: number, other: number, at: 0 | 1): [number, number] {
  const rest = chosen === other ? (chosen === 0 ? 1 : 0) : other;
  return at === 0 ? [chosen, rest] : [rest, chosen];
}

function FeatureChoice(props: { label: string; data: Data; value: number; on: (feature: number) => void }) {
  const { label, data, value, on } = props;
  const n = data.features.length;
  if (n > MOST_NAMES) {
    return (
      <label>
        {label}: {data.features[value]}
        <input
          type="number"
          min={1}
          max={n}
          value={value + 1}
          onChange={(event) => {
            const typed = Math.round(Number(event.currentTarget.value));
            if (typed >= 1 && typed <= n) on(typed - 1);
          }}
        />
      </label>
    );
  }
  return (
    <label>
      {label}
      <select value={String(value)} onChange={(event) => on(Number(event.currentTarget.value))}>
        {data.features.map((name, j) => (
          <option key={name} value={String(j)}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function UnitChoice(props: { view: View; choice: Extract<Choice, { kind: "units" }>; pick: (choice: Choice) => void }) {
  const { view, choice, pick } = props;
  const count = view.columns.value.find((each) => each.layer === choice.layer)?.count ?? 0;
  const number = (at: 0 | 1): preact.JSX.Element => (
    <label>
      {at === 0 ? "Across: unit" : "Up: unit"}
      <input
        type="number"
        min={1}
        max={count}
        value={(choice.units?.[at] ?? at) + 1}
        onChange={(event) => {
          const typed = Math.round(Number(event.currentTarget.value)) - 1;
          const units = choice.units ?? ([0, 1] as const);
          if (typed >= 0 && typed < count) pick({ ...choice, units: at === 0 ? [typed, units[1]] : [units[0], typed] });
        }}
      />
    </label>
  );
  return (
    <>
      <label>
        Axes
        <select
          value={choice.units === null ? "pca" : "units"}
          onChange={(event) => pick({ ...choice, units: event.currentTarget.value === "pca" ? null : [0, 1] })}
        >
          <option value="pca">principal components</option>
          <option value="units">two units</option>
        </select>
      </label>
      {choice.units !== null && number(0)}
      {choice.units !== null && number(1)}
    </>
  );
}
