// What every mode does unless it does something else.

export class Mode {
  /** Whether something is under way that is not in the outbox. */
  get unsaved() {
    return false;
  }

  constructor(labeller) {
    this.labeller = labeller;
    this.desk = labeller.desk;
    this.stage = labeller.stage;
    this.task = labeller.task;
  }

  /** A picture has just come; what it shows is chosen here. */
  enter() {}

  /** The person goes on; what waits to be written is written. */
  leave() {}

  /** The labels of the shown picture changed. */
  changed() {}

  /** Draw the marks. */
  draw() {}

  /** Do an action of this mode; returns whether it is one. */
  act() {
    return false;
  }

  /** Use a key that has no action, as digits and arrows; returns whether it was used. */
  key() {
    return false;
  }

  /** Changes that are written together with a verdict. */
  pending() {
    return [];
  }

  /** Labels whose masks are shown. */
  masks({ item, label }) {
    return (label ? [label] : item.labels).filter((one) => one.annotation.mask);
  }

  /** The part of a picture that is framed at first; null for all of it. */
  part() {
    return null;
  }

  /** The point of the picture that zooming keeps in place; null for the middle of the screen. */
  focus() {
    return null;
  }

  /** Key of the label that the person works on; null without one. */
  chosen() {
    return null;
  }

  /** What has to be loaded for a unit. */
  shownOf({ item, label }) {
    return { item, label };
  }
}
