/** The lesson "moons": forty-five minutes, seven steps. The teacher's page is docs/lesson.md. */

import * as checks from "./checks";
import * as scenes from "./scenes";

export interface Field {
  name: string;
  label: string;
  choices?: readonly string[];
}

export interface Step {
  name: string;
  title: string;
  minutes: number;
  task: readonly string[];
  look: string;
  fields: readonly Field[];
  /** Numbers to compute, which the run's own must agree with. */
  numbers?: boolean;
  check: checks.Check;
  scene: { label: string; run: scenes.Scene };
  question: string;
  answer: string;
}

export const STEPS: readonly Step[] = [
  {
    name: "predict",
    title: "Predict before you press play",
    minutes: 5,
    task: [
      "The colours behind the points are what the network answers. Nothing has been learnt yet.",
      "Say what you expect, then press play and watch 200 updates. If that is too fast, the button below goes back to the start.",
    ],
    look: "The big map: where it is blue the network says class 0, where it is orange class 1. The loss says how wrong it is.",
    fields: [
      {
        name: "prediction",
        label: "After 200 updates the border will be",
        choices: ["a straight line", "bent between the moons", "a ring around one moon", "somewhere at random"],
      },
    ],
    check: checks.predicted,
    scene: { label: "Back to the start, slowly", run: scenes.predict },
    question: "Why isn't the loss 0.693, which is −ln ½, at the first step?",
    answer:
      "A network that says one half everywhere has that loss. The first weights are drawn at random, so this one is sure of some wrong answers, and right about others, before it has seen anything.",
  },
  {
    name: "wall",
    title: "No hidden layer: a wall",
    minutes: 6,
    task: [
      "Take all hidden layers away (Settings: press − until there is none, then “Start anew”), press play, and train 500 updates.",
      "Try what you like to get the loss below 0.25: more updates, another rate.",
    ],
    look: "The border is a straight line, whatever happens. It turns and moves, it never bends.",
    fields: [],
    check: checks.wall,
    scene: { label: "Begin without a hidden layer", run: scenes.begin() },
    question: "Why can't it do better?",
    answer:
      "Its answer is sigmoid(w₁x₁ + w₂x₂ + b). It is one half where w₁x₁ + w₂x₂ + b = 0, and that is a straight line. No straight line separates these moons; training only finds the best one.",
  },
  {
    name: "units",
    title: "Add units, and say what three of them see",
    minutes: 9,
    task: [
      "Give it one hidden layer of 8 units, or two of 16 (+ adds one, then “Start anew”). Train until the loss is below 0.25.",
      "Choose three units of the first hidden layer (their small maps, or the arrow keys) and say where each one answers.",
    ],
    look: "Each unit of the first layer has a straight border of its own. The output puts such pieces together.",
    fields: [
      { name: "unit1", label: "The first unit answers" },
      { name: "unit2", label: "The second unit answers" },
      { name: "unit3", label: "The third unit answers" },
    ],
    check: checks.bent,
    scene: { label: "Begin with two layers of 16", run: scenes.begin(16, 16) },
    question: "What would happen with a hidden layer whose units have no activation (identity)?",
    answer:
      "A sum of sums is a sum: the whole network would again be one straight line. The bend comes from the activation alone.",
  },
  {
    name: "compute",
    title: "Compute one z and one gradient by hand",
    minutes: 9,
    task: [
      "Pause. Then ask for the numbers of one row, one unit and its error.",
      "Compute z = w₁x₁ + w₂x₂ + b, and the gradient of w₁, which is ∂ℓ/∂z · x₁. Three decimals are enough.",
    ],
    look: "Explain shows the same lines with the same numbers: compare only when you have your own.",
    fields: [],
    numbers: true,
    check: checks.computed,
    scene: { label: "Pause here", run: scenes.stillStand },
    question: "What does it mean when the gradient of a weight is exactly 0 for a row?",
    answer:
      "A tiny change of that weight doesn't change this row's loss: because its input is 0, or because nothing comes back through the unit (∂ℓ/∂z = 0). This row then has no wish about it.",
  },
  {
    name: "race",
    title: "The race of three rates",
    minutes: 8,
    task: [
      "With two layers of 16, train at the rates 0.001, 0.25 and 10, each from the same first weights: rewind, set the rate, play. The last one at a pace of 2 a second, or by single updates.",
      "Which wins after 300 updates? Use the timeline to see what the fast one did before it broke.",
    ],
    look: "The curves of all three lie over one another. At 10 the page says which number was the first that wasn't finite.",
    fields: [],
    check: checks.raced,
    scene: { label: "Race them for me", run: scenes.race },
    question: "Why doesn't a larger rate just arrive sooner?",
    answer:
      "The gradient is the slope right here. A step that is too long lands on the other side, higher up, where the slope is larger still: each step throws it further, until the numbers leave what a computer can hold.",
  },
  {
    name: "overfit",
    title: "Learnt by heart",
    minutes: 6,
    task: [
      "Take 40 points with much noise (Data, made up: moons, 40 rows, noise 0.4), hold a quarter out, and train on them with two layers of 32 units, at the rate 0.25, for 2,000 updates or more.",
      "Open Diagnose and look at the gap.",
    ],
    look: "The training loss goes to 0, the validation loss turns and climbs. The map gets islands around single points.",
    fields: [],
    check: checks.overfitted,
    scene: { label: "Few noisy points, many units", run: scenes.overfit },
    question: "Name three things that would make the gap smaller.",
    answer:
      "More points; fewer units; a penalty on large weights (L2); stopping where the validation loss is smallest. A longer training isn't one of them.",
  },
  {
    name: "say",
    title: "What you can say now",
    minutes: 2,
    task: ["Write three sentences that you wouldn't have written an hour ago."],
    look: "Your prediction of step 1 is still there: was it right?",
    fields: [
      { name: "said1", label: "What a hidden layer is for" },
      { name: "said2", label: "What the learning rate does" },
      { name: "said3", label: "Why some rows are held out" },
    ],
    check: checks.said,
    scene: { label: "Back to the first run", run: scenes.begin(16, 16) },
    question: "What is the one thing that training changes?",
    answer:
      "The weights and biases: the numbers of one vector, each moved a little against its own gradient, again and again.",
  },
];
