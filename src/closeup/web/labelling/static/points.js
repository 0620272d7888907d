// Points: a click sets, dragging and the arrows move, Enter completes the picture.

import { edited, Editing } from "./editing.js";
import { around, extent, markLabel } from "./marks.js";
import { element } from "./side.js";
import { clamp } from "./stage.js";

const NEAR = 9;
const SMALL = 0.2;
const ROOM = 2;
const ON = "closeup:on-after-last";

export class Points extends Editing {
  #active = null;
  #draft = null;
  #drag = null;
  #cursor = null;
  #kept = null;

  constructor(labeller) {
    super(labeller);
    this.buttons = ["previous", "copy", "hidden", "remove", "undo", "skip", "false", "page", "next"];
    this.names = this.task.schema.points;
    this.on = localStorage.getItem(ON) === "yes";
    this.#buildTools();
  }

  /** A picture without points begins with those of the one before that the task keeps. */
  enter({ item }) {
    const { keep } = this.task;
    const points = {};
    for (const name of keep) if (this.#kept?.[name]) points[name] = [...this.#kept[name]];
    const some = item.labels.length > 0;
    this.#draft = some ? null : { object: this.newObject(), annotation: { points }, origin: "person" };
    this.#drag = null;
    this.#cursor = null;
    const [first] = this.labels();
    const missing = this.names.find((name) => !first.annotation.points?.[name]);
    this.#active = { object: first.object, point: missing ?? this.names[0] };
    this.#list();
  }

  leave() {
    super.leave();
    const [first] = this.labels();
    if (first?.annotation.points) this.#kept = structuredClone(first.annotation.points);
  }

  changed() {
    if (this.#draft && this.desk.view().item.labels.length) this.#draft = null;
    if (this.#active && !this.label(this.#active.object)) {
      const [first] = this.labels();
      if (first) this.#active = { object: first.object, point: this.#active.point };
      else this.#another();
    }
    this.#list();
  }

  labels() {
    const labels = super.labels();
    const known = !this.#draft || labels.some((one) => one.object === this.#draft.object);
    return known ? labels : [...labels, this.#draft];
  }

  /** Points that were kept from the picture before become labels with the verdict. */
  pending(verdict) {
    const draft = this.#draft;
    if (!draft || verdict !== "true" || !Object.keys(draft.annotation.points).length) return [];
    this.#draft = null;
    return [{ item: this.desk.unit.item, object: draft.object, subject: "label", annotation: draft.annotation }];
  }

  act(action, event) {
    if (action === "point") return this.#other(event);
    if (action === "hidden") this.#hide();
    else if (action === "remove") this.#remove();
    else return super.act(action, event);
    return true;
  }

  key(key, event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.ready()) return false;
    if (key === "space") {
      this.#set(this.#cursor ?? this.middle(), {});
      return true;
    }
    const step = this.step(key, event);
    if (!step) return false;
    const place = this.#place();
    // A point that is not there appears in the middle of what is seen, or of its label's box.
    const [x, y] = place ?? this.#begin();
    this.#set(place ? [x + step[0], y + step[1]] : [x, y], { resting: true });
    this.stage.reveal(...this.#place());
    return true;
  }

  down(place) {
    const near = this.#near(place);
    if (near) {
      this.#active = { object: near.object, point: near.point };
      const [x, y] = near.place;
      this.#drag = { from: place, offset: [x - place[0], y - place[1]], set: false };
      this.draw();
    } else {
      this.#drag = { from: place, offset: [0, 0], set: true };
      this.#set(place, {});
    }
    this.#list();
  }

  move(place, _event, held) {
    this.#cursor = this.stage.inside(place);
    if (held && this.#drag) {
      const [right, down] = this.#drag.offset;
      this.#drag.moved = true;
      this.#set([place[0] + right, place[1] + down], {});
    } else this.magnifyAt(this.#cursor);
  }

  up() {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag) return;
    this.commit();
    if (!drag.set) return;
    const last = this.names.at(-1) === this.#active.point;
    if (last && this.on) this.labeller.act("page");
    else if (!last) this.#choose(this.#active.object, this.names[this.names.indexOf(this.#active.point) + 1]);
  }

  cancel() {
    this.#drag = null;
    super.cancel();
  }

  focus() {
    return this.#place() ?? null;
  }

  chosen() {
    return this.#active?.object ?? null;
  }

  part({ item }, size) {
    if (item.labels.length !== 1) return null;
    const [label] = item.labels;
    const own = extent(label);
    if (!own) return null;
    const longest = Math.max(own[2] - own[0], own[3] - own[1]);
    if (!label.annotation.box || longest >= SMALL * Math.max(size.width, size.height)) return null;
    return around(label, size, ROOM);
  }

  draw() {
    const { stage, labeller } = this;
    if (!this.ready()) {
      stage.svg.replaceChildren();
      return;
    }
    const marks = this.labels().map((label) => {
      const own = label.object === this.#active?.object;
      return markLabel(stage, label, labeller.colours, {
        skeleton: this.task.schema.skeleton,
        active: own ? this.#active.point : null,
        faint: !own,
        tentative: label === this.#draft,
      });
    });
    stage.svg.replaceChildren(...marks);
    const place = this.#place();
    this.magnifyAt(place ?? this.#cursor ?? this.middle());
    this.where.textContent = place ? `${place[0].toFixed(2)}, ${place[1].toFixed(2)}` : "not set";
  }

  said({ annotation }) {
    const place = annotation?.points?.[this.#active.point];
    return place ? `${this.#active.point} at ${place[0].toFixed(2)}, ${place[1].toFixed(2)}` : "removed";
  }

  #place() {
    return this.label(this.#active?.object)?.annotation.points?.[this.#active.point] ?? null;
  }

  #begin() {
    const box = this.label(this.#active.object)?.annotation.box;
    return box ? [Math.round((box[0] + box[2]) / 2), Math.round((box[1] + box[3]) / 2)] : this.middle();
  }

  #set(place, how) {
    const { object, point } = this.#active;
    const annotation = edited(this.label(object)?.annotation);
    const points = annotation.points ?? {};
    const visible = points[point]?.[2] ?? 1;
    const [x, y] = this.stage.inside(place).map((value) => Math.round(value * 1000) / 1000);
    annotation.points = this.#ordered({ ...points, [point]: [x, y, visible] });
    this.change(object, annotation, how);
    this.#list();
  }

  #ordered(points) {
    const names = [...this.names, ...Object.keys(points)].filter((name) => name in points);
    return Object.fromEntries(names.map((name) => [name, points[name]]));
  }

  #hide() {
    const place = this.#place();
    if (!place) return;
    const { object, point } = this.#active;
    const annotation = edited(this.label(object).annotation);
    annotation.points[point][2] = clamp(1 - place[2], 0, 1);
    this.change(object, annotation);
    this.commit();
  }

  #remove() {
    const { object, point } = this.#active;
    if (!this.#place()) return;
    const annotation = edited(this.label(object).annotation);
    delete annotation.points[point];
    const empty = !Object.keys(annotation.points).length && !annotation.box && !annotation.mask;
    if (this.#draft?.object === object) this.#draft = { ...this.#draft, annotation };
    else {
      this.change(object, empty ? null : annotation);
      this.commit();
    }
    this.#list();
    this.draw();
  }

  #near(place) {
    const all = this.labels().flatMap(({ object, annotation }) =>
      Object.entries(annotation.points ?? {}).map(([point, own]) => ({ object, point, place: own })),
    );
    const far = ({ place: [x, y] }) => Math.hypot(x - place[0], y - place[1]) * this.stage.scale;
    const [nearest] = all.sort((a, b) => far(a) - far(b));
    return nearest && far(nearest) <= NEAR ? nearest : null;
  }

  // Tab goes from point to point, and after the last one to what comes next on the page.
  #other(event) {
    const all = this.labels().flatMap(({ object }) => this.names.map((point) => ({ object, point })));
    const now = all.findIndex((one) => one.object === this.#active?.object && one.point === this.#active.point);
    let to = now + (event?.shiftKey ? -1 : 1);
    if (event?.key === "Tab") {
      const here = event.target === this.stage.element || event.target === document.body;
      if (!here || to < 0 || to >= all.length) return false;
    }
    to = (to + all.length) % all.length;
    this.commit();
    this.#choose(all[to].object, all[to].point);
    return true;
  }

  #choose(object, point) {
    this.#active = { object, point };
    this.labeller.announce(point);
    this.#list();
    this.draw();
  }

  #another() {
    this.#draft = { object: this.newObject(), annotation: { points: {} }, origin: "person" };
    this.#choose(this.#draft.object, this.names[0]);
  }

  #buildTools() {
    this.list = element("ul", "", { "aria-label": "Points" });
    this.where = element("p", "", { class: "hint" });
    const on = element("label", "", { class: "hint" });
    const box = element("input", "", { type: "checkbox" });
    box.checked = this.on;
    box.addEventListener("change", () => {
      this.on = box.checked;
      localStorage.setItem(ON, box.checked ? "yes" : "no");
      this.stage.element.focus();
    });
    on.append(box, " go on after the last point");
    const another = element("button", "Another one in this picture", { type: "button" });
    another.addEventListener("click", () => {
      this.commit();
      this.#another();
      this.stage.element.focus();
    });
    this.tools.replaceChildren(this.magnifier, this.where, this.list, on, another);
  }

  #list() {
    const labels = this.labels();
    const rows = labels.flatMap((label, number) =>
      this.names.map((point) => this.#row(label, point, labels.length > 1 ? `${number + 1}. ` : "")),
    );
    const focused = this.list.contains(document.activeElement) && document.activeElement.dataset.row;
    this.list.replaceChildren(...rows);
    if (focused) this.list.querySelector(`[data-row="${focused}"]`)?.focus();
    this.labeller.quality?.show();
  }

  #row({ object, annotation }, point, number) {
    const place = annotation.points?.[point];
    const current = object === this.#active?.object && point === this.#active.point;
    const state = place ? (place[2] === 0 ? "hidden" : "set") : "not set";
    const button = element("button", "", { type: "button", "aria-current": current, "data-row": `${object} ${point}` });
    const dot = element("span", "", { class: `dot${place ? "" : " absent"}`, style: `--colour:${this.labeller.colours.ofPoint(point)}` });
    button.append(dot, `${number}${point.replaceAll("_", " ")}`, element("span", state, { class: "count" }));
    button.addEventListener("click", () => {
      this.commit();
      this.#choose(object, point);
      this.stage.element.focus();
    });
    const row = element("li");
    row.append(button);
    return row;
  }
}
