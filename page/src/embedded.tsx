/** The page inside one file: a saved report, or the frame that a notebook's widget makes. One classic script, no imports. */

import { render } from "preact";
import { App } from "./app";
import { Store } from "./model/store";
import { RECORDING, ReportSource } from "./sources/report";
import { WidgetSource } from "./sources/widget";
import "./theme.css";

const place = document.getElementById("page");
if (place !== null) {
  const recording = document.getElementById(RECORDING);
  const store = new Store(recording === null ? new WidgetSource() : new ReportSource(recording.textContent ?? ""));
  render(<App store={store} />, place);
  store.start();
}
