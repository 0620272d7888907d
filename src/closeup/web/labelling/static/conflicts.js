// Shows labels that somebody else changed in between, and lets the person choose.

import { Colours, around, markLabel } from "./marks.js";
import { drawn } from "./stage.js";
import { element } from "./side.js";

const SIDE = 120;

export class ConflictPanel {
  #labeller;
  #section = document.getElementById("conflicts");

  constructor(labeller) {
    this.#labeller = labeller;
    labeller.desk.addEventListener("conflicts", () => this.#draw());
    labeller.pictures.addEventListener("ready", () => this.#section.hidden || this.#draw());
  }

  #draw() {
    const { desk } = this.#labeller;
    this.#section.hidden = !desk.conflicts.length;
    if (this.#section.hidden) return;
    const focused = this.#section.contains(document.activeElement) && document.activeElement.dataset.choice;
    const [conflict] = desk.conflicts;
    const theirs = desk.item(conflict.change.item);
    const more = desk.conflicts.length > 1 ? ` (1 of ${desk.conflicts.length})` : "";
    const pair = element("div", "", { class: "pair" });
    pair.append(
      this.#version("Yours", conflict.mine, conflict, true),
      this.#version("Theirs", theirs, conflict, false),
    );
    this.#section.replaceChildren(
      element("h3", `Changed by somebody else meanwhile${more}`),
      element("p", theirs.path),
      pair,
    );
    if (focused) this.#section.querySelector(`[data-choice=${focused}]`)?.focus();
  }

  #version(title, item, conflict, mine) {
    const { object, subject } = conflict.change;
    const label = item.labels.find((one) => one.object === object) ?? null;
    const figure = element("figure");
    const verdict = object === "" ? item.verdict : (label?.verdict ?? null);
    let text = verdict ?? "not decided";
    if (subject === "label") text = label ? (label.annotation.name ?? "label") : "removed";
    const by = mine ? "" : label?.author ? ` by ${label.author}` : "";
    const button = element("button", mine ? "Use mine" : "Keep theirs", { type: "button", "data-choice": mine ? "mine" : "theirs" });
    button.addEventListener("click", () => this.#labeller.desk.resolve(conflict, mine));
    figure.append(element("figcaption", title), this.#picture(item, label), element("p", text + by), button);
    return figure;
  }

  #picture(item, label) {
    const { pictures, task } = this.#labeller;
    const ready = pictures.picture(item);
    const holder = element("div", "", { class: "mini", style: `position:relative;aspect-ratio:1` });
    if (!ready?.bitmap) return holder;
    const [x1, y1, x2, y2] = around(label, ready, 2.5) ?? [-0.5, -0.5, ready.width - 0.5, ready.height - 0.5];
    const scale = SIDE / Math.max(x2 - x1, y2 - y1);
    const canvas = element("canvas", "", { width: SIDE, height: SIDE });
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, -(x1 + 0.5) * scale, -(y1 + 0.5) * scale);
    context.drawImage(ready.bitmap, 0, 0, ready.width, ready.height);
    const svg = drawn("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, style: "position:absolute;inset:0;background:none" });
    const place = { toScreen: (x, y) => [(x - x1) * scale, (y - y1) * scale] };
    if (label) svg.append(markLabel(place, label, new Colours(task.schema), { names: false }));
    holder.append(canvas, svg);
    return holder;
  }
}
