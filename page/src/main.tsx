/** The live page's entry: a server's stream, shown. */

import { render } from "preact";
import { App } from "./app";
import { Store } from "./model/store";
import { StreamSource } from "./sources/stream";
import "./theme.css";

const place = document.getElementById("page");
if (place !== null) {
  const store = new Store(StreamSource.here());
  render(<App store={store} />, place);
  store.start();
}
