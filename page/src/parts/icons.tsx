/** The few signs on the buttons; what they mean stands beside them or in the button's label. */

const PATHS = {
  play: "M5 3.5v9l7.5-4.5z",
  pause: "M4.5 3.5h2.5v9H4.5zM9 3.5h2.5v9H9z",
  step: "M3.5 3.5v9L9.5 8zM10.5 3.5h2v9h-2z",
  epoch: "M2 3.5v9L7 8zM7 3.5v9L12 8zM12.5 3.5h1.5v9h-1.5z",
  rewind: "M8 3V0.8L4.2 4 8 7.2V4.8a3.9 3.9 0 1 1-3.9 3.9H2.3A5.7 5.7 0 1 0 8 3z",
  dice: "M3.5 2h9A1.5 1.5 0 0 1 14 3.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 12.5v-9A1.5 1.5 0 0 1 3.5 2zm0 1.5v9h9v-9zM5 5h2v2H5zm4 4h2v2H9z",
  branch:
    "M4 1.5a2 2 0 0 1 .8 3.8v2a4 4 0 0 1 2.2-.7h2.4a2 2 0 1 1 0 1.6H7A2.2 2.2 0 0 0 4.8 10.4v.3A2 2 0 1 1 3.2 10.700V5.300A2 2 0 0 1 4 1.500z",
  bookmark: "M4 2h8v12l-4-3-4 3z",
  stop: "M4 4h8v8H4z",
  back: "M10.500 3.500v9L4.500 8z",
  forward: "M5.500 3.500v9l6-4.500z",
  newest: "M3.500 3.500v9L9.500 8zM10.500 3.500h2v9h-2z",
  sliders:
    "M2 4h5.200a2 2 0 0 1 3.600 0H14v1.500h-3.200a2 2 0 0 1-3.600 0H2zM2 10.500h2.200a2 2 0 0 1 3.600 0H14V12H7.800a2 2 0 0 1-3.600 0H2z",
  theme: "M8 1.500a6.500 6.500 0 1 0 0 13zM8 1.500a6.500 6.500 0 0 1 0 13v-1.500a5 5 0 0 0 0-10z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="currentColor" fill-rule="evenodd" />
    </svg>
  );
}
