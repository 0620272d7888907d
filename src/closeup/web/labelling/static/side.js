// What stands beside the picture: its name, where the label comes from, how far the work is.

import { shownKey } from "./keys.js";

const STRONGEST = 5;
const VERDICTS = { true: "true", false: "false", unsure: "cannot tell" };

export class Side {
  #labeller;

  constructor(labeller) {
    this.#labeller = labeller;
    const { task, stage } = labeller;
    const guidance = document.getElementById("guidance");
    guidance.hidden = !task.guidance;
    guidance.querySelector("p").textContent = task.guidance;
    document.getElementById("task-name").textContent = task.queue ?? "";
    this.#slider("opacity", (value) => {
      stage.setOpacity(value);
      localStorage.setItem("closeup:opacity", stage.opacity);
    });
    // The middle of the slider leaves the picture as it is.
    this.#slider("brightness", (value) => stage.setLight(STRONGEST ** value, stage.contrast));
    this.#slider("contrast", (value) => stage.setLight(stage.brightness, STRONGEST ** value));
    this.buttons();
  }

  /** The buttons of the mode, and the keys beside all buttons. */
  buttons() {
    const { keys, task, mode, grid } = this.#labeller;
    const names = grid?.shown ? grid.buttons : mode.buttons;
    const bar = document.getElementById("actions");
    bar.replaceChildren(...names.map((action) => button(action, task.meanings[action])));
    for (const element of document.querySelectorAll("[data-action]")) {
      const own = element.querySelector("kbd");
      if (own) own.textContent = shownKey(keys.of(element.dataset.action));
      element.setAttribute("aria-keyshortcuts", keys.of(element.dataset.action));
    }
    for (const element of document.querySelectorAll("[data-keys]")) {
      element.textContent = element.dataset.keys.split(" ").map((action) => shownKey(keys.of(action))).join(" ");
    }
  }

  about({ unit, item, label, verdict }) {
    const frame = item.frame === null ? "" : `, frame ${item.frame}`;
    document.getElementById("unit-name").textContent = `${item.path}${frame}`;
    const said = document.getElementById("verdict");
    said.textContent = verdict === null ? "not decided" : VERDICTS[verdict];
    said.className = verdict ?? "";
    const facts = { why: unit.reason };
    if (label) {
      const { annotation, method, version, origin, author } = label;
      facts.label = annotation.name ?? "";
      facts.by = author || [method || origin, version].filter(Boolean).join(" ");
      facts.score = annotation.score === undefined ? "" : annotation.score.toFixed(2);
    }
    const rows = Object.entries(facts).filter(([, value]) => value);
    const list = document.getElementById("facts");
    list.replaceChildren(...rows.flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
    this.held(unit.held_by);
  }

  held(people) {
    const held = document.getElementById("held");
    held.hidden = !people.length;
    const names = people.map((holder) => holder.replace(/ \([^()]*\)$/, "")); // without the tab's name
    held.textContent = names.length ? `On the screen of ${names.join(", ")}, too.` : "";
  }

  /** Say what was refused until the person has read it. */
  refused(text) {
    const section = document.getElementById("refused");
    const close = element("button", "I see", { type: "button" });
    close.addEventListener("click", () => (section.hidden = true));
    section.replaceChildren(element("p", text), close);
    section.hidden = false;
  }

  counts() {
    const { all, decided } = this.#labeller.counts;
    const bar = document.getElementById("done");
    bar.max = Math.max(1, all);
    bar.value = decided;
    const number = (value) => value.toLocaleString("en");
    document.getElementById("counts").textContent = `${number(decided)} of ${number(all)}`;
    this.#labeller.mode.counted?.();
  }

  lights() {
    const { stage } = this.#labeller;
    document.getElementById("opacity").value = stage.opacity;
    for (const name of ["brightness", "contrast"]) {
      document.getElementById(name).value = Math.log(stage[name]) / Math.log(STRONGEST);
    }
  }

  #slider(name, change) {
    document.getElementById(name).addEventListener("input", (event) => {
      change(Number(event.target.value));
      this.#labeller.mode.draw();
    });
  }
}

const CLASSES = { true: "true", false: "false", skip: "unsure" };
const SHORT = {
  true: "True",
  false: "False",
  skip: "Cannot tell",
  page: "Done",
  grid: "Grid",
  undecided: "Undecided",
  hidden: "Hidden",
  copy: "Copy",
  interpolate: "Fill in",
  extreme: "Extremes",
  last: "Last",
};

function button(action, meaning) {
  const own = document.createElement("button");
  own.type = "button";
  own.dataset.action = action;
  own.title = meaning;
  const text = SHORT[action] ?? meaning[0].toUpperCase() + meaning.slice(1);
  const word = element("span", text);
  word.className = CLASSES[action] ?? "";
  own.append(word, element("kbd", ""));
  return own;
}

export function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
