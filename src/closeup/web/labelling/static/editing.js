// What setting points and drawing boxes have in common: a change that is still under way, which is
// written when the pointer is let go, when the keys rest, or when the person goes on.

import { Mode } from "./mode.js";
import { element } from "./side.js";
import { magnify } from "./stage.js";
import { newId } from "./api.js";

const REST = 400;
const FINE = 0.25;
const FASTER = [[24, 16], [8, 4], [0, 1]];
const DIRECTIONS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };
const MAGNIFIER = { width: 268, height: 201 };

export class Editing extends Mode {
  #edit = null;
  #resting = null;
  #repeats = 0;

  constructor(labeller) {
    super(labeller);
    this.tools = document.getElementById("tools");
    this.magnifier = element("canvas", "", { class: "magnifier", "aria-hidden": "true", ...MAGNIFIER });
    this.stage.element.dataset.cursor = "cross";
    this.#point();
  }

  /** The labels of the shown picture, with the change that is under way. */
  labels() {
    const item = this.desk.view()?.item;
    if (!item) return [];
    const edit = this.#edit;
    if (!edit) return item.labels;
    const old = item.labels.find((one) => one.object === edit.object);
    if (!edit.annotation) return item.labels.filter((one) => one !== old);
    const made = { ...(old ?? {}), object: edit.object, annotation: edit.annotation, origin: "person" };
    return old ? item.labels.map((one) => (one === old ? made : one)) : [...item.labels, made];
  }

  label(object) {
    return this.labels().find((one) => one.object === object) ?? null;
  }

  /** Whether something is under way that is not in the outbox. */
  get unsaved() {
    return this.#edit !== null;
  }

  /** Change a label; it is written by `commit`, or when the keys rest. */
  change(object, annotation, { resting = false } = {}) {
    if (this.#edit && this.#edit.object !== object) this.commit();
    this.#edit = { item: this.desk.unit.item, object, annotation };
    clearTimeout(this.#resting);
    if (resting) this.#resting = setTimeout(() => this.commit(), REST);
    this.labeller.status();
    this.draw();
  }

  commit() {
    clearTimeout(this.#resting);
    const edit = this.#edit;
    if (!edit) return;
    this.#edit = null;
    this.desk.place(edit.item, edit.object, edit.annotation);
    this.labeller.announce(this.said(edit));
  }

  cancel() {
    clearTimeout(this.#resting);
    this.#edit = null;
    this.labeller.status();
    this.draw();
  }

  leave() {
    this.commit();
  }

  act(action) {
    if (action === "copy") this.copy();
    else return false;
    return true;
  }

  /** Copy the labels of the picture before. */
  async copy() {
    const before = this.desk.previous();
    if (!before) {
      this.labeller.flash("there is no picture before");
      return;
    }
    this.commit();
    const target = this.desk.unit.item;
    const answer = await this.labeller.asked((action) =>
      this.desk.ask("copy", { source: before.item, target, action }, [target]),
    );
    if (answer) this.labeller.flash(`${answer.copied} copied`);
  }

  /** How far an arrow moves: [right, down] in pixels; null if the key is no arrow. */
  step(key, event) {
    const direction = DIRECTIONS[key];
    if (!direction) return null;
    this.#repeats = event.repeat ? this.#repeats + 1 : 0;
    const fast = FASTER.find(([repeats]) => this.#repeats >= repeats)[1];
    const far = event.shiftKey && !event.altKey ? FINE : fast;
    return direction.map((part) => part * far);
  }

  /** The middle of what is seen of the picture. */
  middle() {
    const { stage } = this;
    return stage.inside(stage.toPicture(stage.width / 2, stage.height / 2)).map(Math.round);
  }

  magnifyAt(place) {
    if (place) magnify(this.magnifier, this.stage, place);
  }

  newObject() {
    return `p-${newId().slice(0, 12)}`;
  }

  // One finger or the left button works on labels; the middle button moves the picture.
  #point() {
    const { element: area } = this.stage;
    let moving = null;
    let pointer = null;
    area.addEventListener("pointerdown", (event) => {
      if (!this.ready() || event.target.closest("button")) return;
      area.focus({ preventScroll: true });
      if (event.button === 1 || event.button === 2) moving = [event.clientX, event.clientY];
      if (pointer !== null) {
        pointer = null; // two fingers zoom
        this.cancel();
        return;
      }
      if (event.button !== 0) return;
      pointer = event.pointerId;
      area.setPointerCapture(pointer);
      this.down(this.stage.at(event), event);
    });
    area.addEventListener("pointermove", (event) => {
      if (!this.ready()) return;
      if (moving) {
        this.stage.pan(event.clientX - moving[0], event.clientY - moving[1]);
        moving = [event.clientX, event.clientY];
      } else this.move(this.stage.at(event), event, pointer === event.pointerId);
    });
    area.addEventListener("pointerup", (event) => {
      moving = null;
      if (event.pointerId !== pointer) return;
      pointer = null;
      this.up(this.stage.at(event), event);
    });
    area.addEventListener("pointercancel", () => {
      pointer = null;
      this.cancel();
    });
    area.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  ready() {
    return Boolean(this.desk.unit && this.stage.size);
  }
}

/** A copy of an annotation that a person is about to change. */
export function edited(annotation = {}) {
  const copy = structuredClone(annotation);
  for (const name of ["score", "keyframe", "absent"]) delete copy[name];
  return copy;
}
