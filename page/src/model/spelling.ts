/** Names of the library as people write them. */

const NAMES: Record<string, string> = {
  adam: "Adam",
  adamw: "AdamW",
  clip_global_norm: "their whole norm, to 1",
  clip_norm: "each array's norm, to 1",
  clip_value: "each value, to ±1",
  elu: "ELU",
  gelu: "GELU",
  lbfgs: "L-BFGS",
  leaky_relu: "leaky ReLU",
  nesterov: "Nesterov",
  poisson: "Poisson",
  relu: "ReLU",
  rmsprop: "RMSProp",
  rprop: "Rprop",
  selu: "SELU",
  sgd: "SGD",
  silu: "SiLU",
};

/** A setting's name as people write it. */
export function spoken(name: string): string {
  return NAMES[name] ?? name.replaceAll("_", " ");
}

/** The name within a description's type, such as "sgd" of "optimizer.sgd". */
export function shortType(type: string): string {
  return type.slice(type.indexOf(".") + 1);
}
