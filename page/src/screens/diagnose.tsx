/** What is wrong with a run, or right: curves, mistakes, trust, layers, and findings in words. */

import { useState } from "preact/hooks";
import { count } from "../draw/numbers";
import { useStore } from "../model/store";
import { Confusion } from "../parts/confusion";
import { Exports } from "../parts/exports";
import { Findings } from "../parts/findings";
import { Histograms } from "../parts/histograms";
import { LayerTable } from "../parts/layertable";
import { Calibration } from "../parts/reliability";
import { Residuals } from "../parts/residuals";
import { Roc } from "../parts/roc";
import {
  type Answered,
  type Answerer,
  classNames,
  columnOf,
  isYesNo,
  type Part,
  useAnswerer,
} from "./diagnose_answers";
import { Curves } from "./diagnose_curves";
import { useLayers } from "./diagnose_layers";
import { short } from "./diagnose_plot";
import "./diagnose.css";

export function Diagnose() {
  const store = useStore();
  const answerer = useAnswerer();
  const layers = useLayers();
  const answered = answerer.answered.value;
  if (store.frame.value === null)
    return <section class="panel">There is nothing to look at before the first frame.</section>;
  return (
    <div class="diagnose">
      <Rows answerer={answerer} answered={answered} />
      {answerer.trouble.value !== "" && <p class="panel warn">{answerer.trouble.value}</p>}
      <Findings />
      {answered !== null && <Curves answered={answered} />}
      {answered !== null && <Predictions answered={answered} />}
      <LayerTable layers={layers} />
      <Histograms layers={layers} />
      <Exports />
    </div>
  );
}

function Rows({ answerer, answered }: { answerer: Answerer; answered: Answered | null }) {
  const data = useStore().data.value;
  if (data === null) return null;
  const choose = (part: Part) => () => {
    answerer.part.value = part;
  };
  const all = answered?.part === "validation" ? data.nValidation : data.nRows;
  return (
    <header class="rows-chosen">
      <fieldset class="choice" aria-label="which rows">
        <button type="button" aria-pressed={answerer.part.value === "train"} onClick={choose("train")}>
          training rows
        </button>
        <button
          type="button"
          aria-pressed={answerer.part.value === "validation"}
          disabled={data.validation.count === 0}
          title={data.validation.count === 0 ? "No rows are held out." : ""}
          onClick={choose("validation")}
        >
          validation rows
        </button>
      </fieldset>
      {answered !== null && (
        <p class="muted">
          {count(answered.count)} of {count(all)} rows, after {short(answered.frame.step)} updates
        </p>
      )}
    </header>
  );
}

function Predictions({ answered }: { answered: Answered }) {
  const [column, setColumn] = useState(0);
  const [chosen, setChosen] = useState(1);
  const [threshold, setThreshold] = useState(0.5);
  const { data, width } = answered;
  const several = data.task === "multi" && width > 1;
  const shown = several ? columnOf(answered, Math.min(column, width - 1)) : answered;
  const classes = data.task === "binary" || data.task === "multiclass" || (several && isYesNo(shown.targets));
  const name = several ? outputName(answered, column) : data.target || "the target";
  const asked = Math.min(chosen, classNames(data, shown.width).length - 1);
  return (
    <>
      {several && (
        <label class="panel">
          Of {width} outputs look at{" "}
          <select value={column} onChange={(event) => setColumn(Number(event.currentTarget.value))}>
            {Array.from({ length: width }, (_, k) => (
              <option key={outputName(answered, k)} value={k}>
                {outputName(answered, k)}
              </option>
            ))}
          </select>
        </label>
      )}
      {classes ? (
        <>
          {/* a threshold on class 0's score is one on 1 − that of class 1's */}
          <Confusion answered={shown} threshold={shown.width === 1 && asked === 0 ? 1 - threshold : threshold} />
          <Roc answered={shown} chosen={asked} threshold={threshold} onChosen={setChosen} onThreshold={setThreshold} />
          <Calibration answered={shown} />
        </>
      ) : (
        <Residuals answered={shown} name={name} />
      )}
    </>
  );
}

function outputName(answered: Answered, column: number): string {
  return answered.data.classes[column] ?? `output ${column}`;
}
