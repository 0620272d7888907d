// What cannot be seen: pictures that were deleted or are damaged, and masks that do not fit.

import { shownKey } from "./keys.js";

export class Unseen {
  #labeller;
  #picture = false;
  #gone = false;
  #any = false;

  constructor(labeller) {
    this.#labeller = labeller;
    labeller.desk.addEventListener("shown", () => (this.#picture = this.#gone = this.#any = false));
  }

  /** Note what is known of the shown picture and its masks; returns what is wrong, or null. */
  note(picture, masks) {
    const broken = picture.error ?? masks.find((mask) => mask.error)?.error;
    const empty = masks.some((mask) => mask.empty) ? "the mask is empty: nothing is marked" : null;
    this.#picture = Boolean(picture.error);
    this.#gone = Boolean(picture.gone);
    this.#any = Boolean(broken ?? empty);
    const way = this.#gone ? `; ${this.#key("page")} skips all that are gone` : "";
    return broken ? broken + way : empty;
  }

  /** Whether a verdict must not be given; a mask that is wrong may be called false. */
  refuses(verdict) {
    const refused = verdict === "true" ? this.#any : verdict === "false" && this.#picture;
    if (refused) this.#labeller.flash(`what cannot be seen cannot be judged; ${this.#key("skip")} skips it`);
    return refused;
  }

  /** Skip all pictures that were deleted, wherever in the queue; false if the shown one is there. */
  skipGone() {
    if (this.#gone) this.#skip();
    return this.#gone;
  }

  async #skip() {
    const labeller = this.#labeller;
    const { desk } = labeller;
    const answer = await labeller.asked((action) => desk.ask("gone", { action }, [desk.unit.item]));
    if (!answer) return;
    labeller.counts.decided += answer.skipped;
    labeller.side.counts();
    await desk.fill();
    labeller.flash(`${answer.skipped} skipped whose pictures are gone`);
    labeller.go(() => desk.undecided());
  }

  #key(action) {
    return shownKey(this.#labeller.keys.of(action));
  }
}
