// Boxes: drawn by dragging or by four extreme points, with a name each.

import { edited, Editing } from "./editing.js";
import { markLabel } from "./marks.js";
import { element } from "./side.js";
import { drawn } from "./stage.js";

const HANDLE = 9;
const LEAST = 3;
const NEW_SHARE = 0.2;
const EXTREMES = 4;
const SIDES = [[0, 1], [2, 1], [2, 3], [0, 3], [null, 1], [2, null], [null, 3], [0, null]];

export class Boxes extends Editing {
  #selected = null;
  #class = "";
  #drag = null;
  #extremes = null;
  #cursor = null;

  constructor(labeller) {
    super(labeller);
    this.buttons = ["previous", "extreme", "copy", "interpolate", "remove", "undo", "skip", "page", "next"];
    this.classes = this.task.schema.classes;
    this.#class = this.classes[0] ?? "";
    this.#buildTools();
  }

  enter() {
    this.#selected = null;
    this.#drag = null;
    this.#extremes &&= [];
    this.#list();
  }

  changed() {
    if (this.#selected && !this.label(this.#selected)) this.#selected = null;
    this.#list();
  }

  counted() {
    this.#list();
  }

  act(action, event) {
    if (action === "point") return this.#other(event);
    if (action === "quit" && (this.#extremes || this.#selected)) this.#release();
    else if (action === "remove") this.#remove();
    else if (action === "extreme") this.#toggleExtremes();
    else if (action === "interpolate") this.#interpolate();
    else return super.act(action, event);
    return true;
  }

  key(key, event) {
    if (event.ctrlKey || event.metaKey || !this.ready()) return false;
    if (/^[0-9]$/.test(key)) {
      this.#name(this.classes[(Number(key) + 9) % 10]);
      return true;
    }
    if (key === "space") {
      this.#add();
      return true;
    }
    const step = this.step(key, event);
    if (!step) return false;
    const box = this.label(this.#selected)?.annotation.box;
    if (!box) {
      this.stage.pan(-20 * Math.sign(step[0]), -20 * Math.sign(step[1]));
      return true;
    }
    const [right, down] = step;
    let moved = [box[0] + right, box[1] + down, box[2] + right, box[3] + down];
    if (event.altKey) moved = event.shiftKey ? [moved[0], moved[1], box[2], box[3]] : [box[0], box[1], moved[2], moved[3]];
    this.#put(this.#selected, event.altKey ? moved : this.#within(moved), { resting: true });
    return true;
  }

  down(place, event) {
    if (this.#extremes) {
      this.#extreme(place);
      return;
    }
    const own = this.label(this.#selected)?.annotation.box;
    const sides = own && this.#handle(own, place);
    const under = event.shiftKey ? null : this.#under(place);
    if (sides) this.#drag = { kind: "resize", sides, box: own };
    else if (under) {
      this.#select(under.object);
      this.#drag = { kind: "move", from: place, box: under.annotation.box };
    } else this.#drag = { kind: "draw", from: this.stage.inside(place), object: this.newObject() };
  }

  move(place, _event, held) {
    this.#cursor = this.stage.inside(place);
    const drag = this.#drag;
    if (!held || !drag) {
      this.magnifyAt(this.#cursor);
      if (this.#extremes) this.draw();
      return;
    }
    if (drag.kind === "draw") this.#stretch(drag);
    else if (drag.kind === "resize") this.#put(this.#selected, this.#resized(drag));
    else {
      const [right, down] = [place[0] - drag.from[0], place[1] - drag.from[1]];
      const [x1, y1, x2, y2] = drag.box;
      this.#put(this.#selected, this.#within([x1 + right, y1 + down, x2 + right, y2 + down]));
    }
    this.magnifyAt(this.#cursor);
  }

  up() {
    const drag = this.#drag;
    this.#drag = null;
    if (drag?.kind === "draw" && !drag.drawn) this.#select(null);
    this.commit();
  }

  cancel() {
    this.#drag = null;
    super.cancel();
  }

  focus() {
    const box = this.label(this.#selected)?.annotation.box;
    return box ? [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] : this.#cursor;
  }

  chosen() {
    return this.#selected;
  }

  draw() {
    const { stage, labeller } = this;
    if (!this.ready()) {
      stage.svg.replaceChildren();
      return;
    }
    const marks = this.labels().map((label) =>
      markLabel(stage, label, labeller.colours, { active: label.object === this.#selected ? true : null, faint: false }),
    );
    const own = this.label(this.#selected)?.annotation.box;
    if (own) marks.push(...this.#handles(own));
    for (const [x, y] of this.#extremes ?? []) {
      const [left, top] = stage.toScreen(x, y);
      marks.push(drawn("circle", { cx: left, cy: top, r: 5, class: "handle extreme" }));
    }
    stage.svg.replaceChildren(...marks);
    if (own && !this.#cursor) this.magnifyAt([own[0], own[1]]);
    this.where.textContent = this.#told(own);
  }

  said({ annotation }) {
    if (!annotation) return "removed";
    return `${annotation.name ?? "box"} ${annotation.box?.map((edge) => edge.toFixed(1)).join(", ")}`;
  }

  #told(own) {
    if (this.#extremes) return `Click the four outermost points: ${this.#extremes.length} of ${EXTREMES}`;
    if (own) return `${(own[2] - own[0]).toFixed(1)} × ${(own[3] - own[1]).toFixed(1)} pixels`;
    return "Drag to draw a box; Space makes one in the middle.";
  }

  #put(object, box, how = {}) {
    const [x1, y1, x2, y2] = box.map((edge) => Math.round(edge * 1000) / 1000);
    if (x2 - x1 < 1 || y2 - y1 < 1) return;
    const old = this.label(object)?.annotation;
    const annotation = edited(old);
    if (!old && this.#class) annotation.name = this.#class;
    annotation.box = [x1, y1, x2, y2];
    this.#selected = object;
    this.change(object, annotation, how);
    if (!old) this.#list();
  }

  #stretch(drag) {
    const [x, y] = this.#cursor;
    const [fx, fy] = drag.from;
    const far = Math.max(Math.abs(x - fx), Math.abs(y - fy)) * this.stage.scale;
    if (far < LEAST && !drag.drawn) return;
    drag.drawn = true;
    this.#put(drag.object, [Math.min(x, fx), Math.min(y, fy), Math.max(x, fx), Math.max(y, fy)]);
  }

  #resized({ sides: [across, along], box }) {
    const edges = [...box];
    const [x, y] = this.#cursor;
    if (across !== null) edges[across] = x;
    if (along !== null) edges[along] = y;
    const [x1, y1, x2, y2] = edges;
    return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
  }

  // A box that is moved keeps its size, also at the edge of the picture.
  #within([x1, y1, x2, y2]) {
    const { width, height } = this.stage.size;
    const right = Math.max(-0.5 - x1, 0) + Math.min(width - 0.5 - x2, 0);
    const down = Math.max(-0.5 - y1, 0) + Math.min(height - 0.5 - y2, 0);
    return [x1 + right, y1 + down, x2 + right, y2 + down];
  }

  #handle(box, place) {
    const far = ([x, y]) => Math.hypot(x - place[0], y - place[1]) * this.stage.scale;
    return SIDES.find((sides) => far(corner(box, sides)) <= HANDLE) ?? null;
  }

  #handles(box) {
    return SIDES.map((sides) => {
      const [left, top] = this.stage.toScreen(...corner(box, sides));
      return drawn("rect", { x: left - 4, y: top - 4, width: 8, height: 8, class: "handle" });
    });
  }

  // The smallest box under a place; the selected one goes first.
  #under([x, y]) {
    const inside = this.labels().filter(({ annotation: { box } }) =>
      box && x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3],
    );
    const area = ({ annotation: { box } }) => (box[2] - box[0]) * (box[3] - box[1]);
    inside.sort((a, b) => area(a) - area(b));
    return inside.find((one) => one.object === this.#selected) ?? inside[0] ?? null;
  }

  #extreme(place) {
    this.#extremes.push(this.stage.inside(place));
    if (this.#extremes.length === EXTREMES) {
      const x = this.#extremes.map((one) => one[0]);
      const y = this.#extremes.map((one) => one[1]);
      this.#extremes = [];
      this.#put(this.newObject(), [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)]);
      this.commit();
    }
    this.draw();
  }

  #toggleExtremes() {
    this.commit();
    this.#extremes = this.#extremes ? null : [];
    document.querySelector('[data-action="extreme"]')?.setAttribute("aria-pressed", Boolean(this.#extremes));
    this.labeller.announce(this.#extremes ? "extreme points" : "boxes by dragging");
    this.draw();
  }

  #release() {
    this.commit();
    this.#extremes = null;
    this.#select(null);
    document.querySelector('[data-action="extreme"]')?.setAttribute("aria-pressed", "false");
  }

  #add() {
    const { width, height } = this.stage;
    const [x, y] = this.middle();
    const half = Math.max(2, Math.round((NEW_SHARE * Math.min(width, height)) / this.stage.scale / 2));
    this.#put(this.newObject(), [x - half, y - half, x + half, y + half].map((edge) => edge + 0.5), { resting: true });
  }

  #name(name) {
    if (name === undefined) return;
    this.#class = name;
    const label = this.label(this.#selected);
    if (label && label.annotation.name !== name) {
      const annotation = edited(label.annotation);
      annotation.name = name;
      this.change(this.#selected, annotation);
      this.commit();
    }
    this.labeller.announce(name);
    this.#list();
    this.draw();
  }

  #remove() {
    if (!this.#selected) return;
    this.change(this.#selected, null);
    this.commit();
    this.#select(null);
  }

  #select(object) {
    if (object !== this.#selected) this.commit();
    this.#selected = object;
    const name = this.label(object)?.annotation.name;
    if (name) this.#class = name;
    this.#list();
    this.draw();
  }

  #other(event) {
    const all = this.labels().map((label) => label.object);
    const now = all.indexOf(this.#selected);
    const back = event?.shiftKey;
    let to = now + (back ? -1 : 1);
    if (now < 0 && back) to = -1;
    if (event?.key === "Tab") {
      const here = event.target === this.stage.element || event.target === document.body;
      if (!here || to < 0 || to >= all.length) return false;
    }
    if (!all.length) return true;
    this.#select(all[(to + all.length) % all.length]);
    const label = this.label(this.#selected);
    this.labeller.announce(this.said(label));
    if (label.annotation.box) this.stage.reveal(label.annotation.box[0], label.annotation.box[1]);
    return true;
  }

  async #interpolate() {
    const object = this.#selected;
    const { item } = this.desk.view();
    if (!object || item.frame === null) {
      this.labeller.flash(object ? "this is no frame of a video" : "choose a box first");
      return;
    }
    this.commit();
    const answer = await this.labeller.asked((action) => this.desk.ask("interpolate", { item: item.id, object, action }, [item.id]));
    if (answer) this.labeller.flash(`${answer.filled} frames filled in`);
  }

  #buildTools() {
    this.where = element("p", "", { class: "hint" });
    this.list = element("ul", "", { "aria-label": "Names" });
    this.boxes = element("ul", "", { "aria-label": "Boxes of this picture" });
    this.title = element("h3", "Boxes of this picture");
    this.tools.replaceChildren(this.magnifier, this.where, this.list, this.title, this.boxes);
  }

  #list() {
    if (!this.desk.unit) return;
    const selected = this.label(this.#selected)?.annotation.name ?? null;
    this.list.replaceChildren(...this.classes.map((name, number) => this.#classRow(name, number, selected)));
    const labels = this.labels();
    this.title.hidden = !labels.length;
    this.boxes.replaceChildren(...labels.map((label) => this.#boxRow(label)));
  }

  #classRow(name, number, selected) {
    const { colours, counts } = this.labeller;
    const target = this.task.schema.targets[name];
    const count = counts.classes[name] ?? 0;
    const told = target ? `${count.toLocaleString("en")} of ${target.toLocaleString("en")}` : count.toLocaleString("en");
    const button = element("button", "", { type: "button", "aria-pressed": name === (selected ?? this.#class), "data-class": name });
    const key = number < 10 ? element("kbd", String((number + 1) % 10)) : "";
    button.append(element("span", "", { class: "dot", style: `--colour:${colours.ofClass(name)}` }), name, key, element("span", told, { class: "count" }));
    button.addEventListener("click", () => {
      this.#name(name);
      this.stage.element.focus();
    });
    const row = element("li");
    row.append(button);
    return row;
  }

  #boxRow(label) {
    const { annotation, object, verdict } = label;
    const button = element("button", annotation.name || "box", { type: "button", "aria-current": object === this.#selected });
    const { origin, method } = label;
    button.append(element("span", verdict ?? (origin === "person" ? "by hand" : method || origin), { class: "count" }));
    button.addEventListener("click", () => {
      this.#select(object);
      this.stage.element.focus();
    });
    const row = element("li");
    row.append(button);
    return row;
  }
}

// The place of a corner or of the middle of a side: indices of the box's edges, null for the middle.
function corner(box, [across, along]) {
  const x = across === null ? (box[0] + box[2]) / 2 : box[across];
  const y = along === null ? (box[1] + box[3]) / 2 : box[along];
  return [x, y];
}
