/** The activations' formulas, in place over many z; in their stable forms, as in Python. */

import type { Settings } from "./types";

/** Overwrites the first `count` numbers z by a. */
export type Activate = (z: Float64Array, count: number) => void;

const { exp, log1p, max, min } = Math;

/** From one exponential, which is three times as fast as Math.tanh; exact to 1e-16, though not relative to a tiny z. */
const tanh = (z: number): number => {
  const e = exp(-2 * Math.abs(z));
  const a = (1 - e) / (1 + e);
  return z < 0 ? -a : a;
};

const sigmoid = (z: number): number => {
  const e = exp(-Math.abs(z));
  return (z >= 0 ? 1 : e) / (1 + e);
};
const softplus = (z: number): number => max(z, 0) + log1p(exp(-Math.abs(z)));
const gelu = (z: number): number => {
  const near = min(max(z, -20), 20); // beyond, tanh is ±1 exactly
  return 0.5 * z * (1 + tanh(Math.sqrt(2 / Math.PI) * (near + 0.044715 * near * near * near)));
};
const elu = (z: number, alpha: number): number => (z > 0 ? z : alpha * Math.expm1(z));
const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 };

const each =
  (f: (z: number) => number): Activate =>
  (z, count) => {
    for (let i = 0; i < count; i++) z[i] = f(z[i]!);
  };

const setting = (settings: Settings, name: string, otherwise: number): number => {
  const value = settings[name];
  return typeof value === "number" ? value : otherwise;
};

const KINDS: Record<string, (settings: Settings, units: number) => Activate> = {
  "activation.identity": () => () => undefined,
  // the common ones have loops of their own: a function that is handed in can't be inlined once there are several
  "activation.sigmoid": () => (z, count) => {
    for (let i = 0; i < count; i++) z[i] = sigmoid(z[i]!);
  },
  "activation.tanh": () => (z, count) => {
    for (let i = 0; i < count; i++) z[i] = tanh(z[i]!);
  },
  "activation.relu": () => (z, count) => {
    for (let i = 0; i < count; i++) z[i] = max(z[i]!, 0);
  },
  "activation.leaky_relu": (settings) => {
    const slope = setting(settings, "slope", 0.05);
    return (z, count) => {
      for (let i = 0; i < count; i++) {
        const value = z[i]!;
        z[i] = max(value, slope * value); // no branch to guess wrong; a slope is at most 1
      }
    };
  },
  "activation.elu": (settings) => {
    const alpha = setting(settings, "alpha", 1);
    return each((z) => elu(z, alpha));
  },
  "activation.selu": () => each((z) => SELU.scale * elu(z, SELU.alpha)),
  "activation.gelu": () => each(gelu),
  "activation.silu": () => each((z) => z * sigmoid(z)),
  "activation.mish": () => each((z) => z * tanh(softplus(z))),
  "activation.softplus": () => each(softplus),
  "activation.exponential": () => each(exp),
  "activation.softmax": (settings, units) => {
    const classes = units / setting(settings, "groups", 1);
    return (z, count) => {
      for (let row = 0; row < count; row += classes) {
        let largest = z[row]!;
        for (let j = 1; j < classes; j++) largest = max(largest, z[row + j]!);
        let sum = 0;
        for (let j = 0; j < classes; j++) {
          z[row + j] = exp(z[row + j]! - largest);
          sum += z[row + j]!;
        }
        for (let j = 0; j < classes; j++) z[row + j]! /= sum;
      }
    };
  },
};

/** Make an activation of a layer with so many units ready; a kind that isn't known is an error in words. */
export function activation(settings: Settings, units: number): Activate {
  const make = KINDS[settings.type];
  if (make === undefined)
    throw new Error(
      `This page can't compute the activation "${settings.type.replace(/^activation\./, "")}": it knows those that come ` +
        "with Clearprop. Curves and history still show.",
    );
  return make(settings, units);
}
