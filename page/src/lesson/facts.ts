/** What a lesson's checks read from the store: what was trained, how, and how far it came. */

import { gaps } from "../model/metrics_numbers";
import type { Store } from "../model/store";
import type { Branch } from "../model/types";

const DENSE = /(^|\.)(grouped_)?dense$/;

/** Units of each hidden layer. */
export function hiddenUnits(branch: Branch): number[] {
  return branch.network.layers
    .filter((layer) => DENSE.test(layer.type))
    .slice(0, -1)
    .map((layer) => Number(layer.units));
}

export function branchesOf(store: Store): Branch[] {
  return [...store.branches.value.values()];
}

function lossOf(store: Store, branch: Branch) {
  return store.series.value.get(branch.id)?.get("loss");
}

/** Updates done on a branch: its newest frame's, or its curve's. */
export function stepsOf(store: Store, branch: Branch): number {
  let steps = 0;
  for (const frame of store.frames.value.values()) if (frame.branch === branch.id) steps = Math.max(steps, frame.step);
  const curve = lossOf(store, branch)?.steps;
  return Math.max(steps, curve === undefined || curve.length === 0 ? 0 : (curve[curve.length - 1] ?? 0) + 1);
}

/** The smallest loss that a branch had; null before its first update. */
export function bestLoss(store: Store, branch: Branch): number | null {
  const values = lossOf(store, branch)?.values;
  if (values === undefined || values.length === 0) return null;
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}

/** The rate that a branch was last trained with. */
export function rateOf(store: Store, branch: Branch): number {
  const values = store.series.value.get(branch.id)?.get("rate")?.values;
  return values === undefined || values.length === 0 ? branch.rate : (values[values.length - 1] ?? branch.rate);
}

/** How far validation lies above training on a branch, at its last validation. */
export function gapOf(store: Store, branch: Branch): number | null {
  const curves = store.series.value.get(branch.id);
  const [loss, validation] = [curves?.get("loss"), curves?.get("validation_loss")];
  if (loss === undefined || validation === undefined || validation.steps.length === 0) return null;
  const { values } = gaps(loss, validation, branch.perEpoch);
  return values[values.length - 1] ?? null;
}

export function rowsOf(store: Store, branch: Branch): number {
  const data = store.tables.value.get(branch.data);
  return data === undefined ? 0 : data.nRows + data.nValidation;
}
