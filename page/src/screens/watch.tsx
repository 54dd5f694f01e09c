/** Watch: the data to the left, the network in the middle, the big map and the loss to the right. */

import { useEffect } from "preact/hooks";
import { useStore } from "../model/store";
import { BigMap } from "../parts/bigmap";
import { DigitPad } from "../parts/digits";
import { NetworkDiagram, NetworkLegend } from "../parts/network";
import { Matrices } from "../parts/network-matrix";
import { NeuronPanel } from "../parts/neuron";
import { DataPanel } from "./watch-data";
import { Loss } from "./watch-loss";
import { viewOf } from "./watch-view";
import "./watch.css";

export function Watch() {
  const store = useStore();
  const view = viewOf(store);
  useEffect(() => view.start(), [view]);
  const [data, forward] = [store.data.value, view.forward.value];
  return (
    <div class="watch">
      <div class="watch-left">
        <DataPanel view={view} />
        {data?.image != null && <DigitPad data={data} view={view} />}
      </div>
      <div class="watch-middle">
        <section class="panel" aria-labelledby="network-title">
          <div class="watch-head">
            <h2 id="network-title">Network</h2>
            <NetworkLegend view={view} />
          </div>
          {typeof forward === "string" && <p class="warn">{forward}</p>}
          <NetworkDiagram view={view} />
          <Matrices view={view} />
        </section>
        <NeuronPanel view={view} />
      </div>
      <div class="watch-right">
        <BigMap view={view} />
        <Loss view={view} />
      </div>
    </div>
  );
}
