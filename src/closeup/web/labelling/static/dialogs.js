// Windows over the page: the person's name, the keys, and the labels so far.

import { keyName, shownKey } from "./keys.js";
import { element } from "./side.js";

const PAGE = 50;
const GROUPS = {
  Verdicts: ["true", "false", "skip", "page", "undo", "save"],
  Pictures: ["next", "previous", "undecided", "last", "grid", "show", "quit"],
  View: ["zoom_in", "zoom_out", "fainter", "stronger", "darker", "brighter", "less_contrast", "more_contrast", "help"],
  Labels: ["point", "hidden", "remove", "copy", "interpolate", "extreme"],
};
const FIXED = [
  ["← ↑ → ↓", "move the point or box by a pixel, or the picture; faster while held"],
  ["Shift + arrow", "move by a quarter of a pixel"],
  ["Alt + arrow", "resize the box: its right and lower edges, with Shift the others"],
  ["Space", "set the point or a new box in the middle; in the grid, true or false"],
  ["0 – 9", "name of the box"],
];

/** Ask for the person's name. */
export function askName(proposed) {
  const dialog = document.getElementById("sign-in");
  const input = document.getElementById("author");
  input.value = proposed;
  dialog.showModal();
  input.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.querySelector("form").addEventListener("submit", () => resolve(input.value.trim()));
  });
}

export class Panel {
  #labeller;
  #dialog = document.getElementById("panel");
  #content = this.#dialog.querySelector(".content");

  constructor(labeller) {
    this.#labeller = labeller;
    this.#dialog.querySelector(".close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => labeller.stage.element.focus());
  }

  /** The keys, which are bound anew here. */
  keys() {
    const { task, keys } = this.#labeller;
    const groups = Object.entries(GROUPS).map(([title, actions]) => {
      const section = element("section");
      section.append(element("h3", title));
      const list = element("div", "", { class: "keys" });
      list.append(...actions.map((action) => this.#binding(action, task.meanings[action])));
      section.append(list);
      return section;
    });
    const fixed = element("dl");
    fixed.append(...FIXED.flatMap(([key, meaning]) => [element("dt", key), element("dd", meaning)]));
    const problem = element("p", "", { role: "alert", class: "false problem" });
    const reset = element("button", "Usual keys", { type: "button" });
    reset.addEventListener("click", () => {
      keys.reset();
      this.#labeller.side.buttons();
      this.keys();
    });
    this.#open("Keys", [element("p", "Click a key and press another one to change it."), problem, ...groups, fixed, reset]);
  }

  /** What this person labelled, the newest first. */
  async labels() {
    const table = element("table", "", { class: "so-far" });
    const more = element("button", "More", { type: "button" });
    this.#open("Labels so far", [table, more]);
    let before = null;
    const load = async () => {
      try {
        const { labels } = await this.#labeller.api.get("labels", { before, count: PAGE });
        table.append(...labels.map((label) => this.#line(label)));
        before = labels.at(-1)?.id ?? before;
        more.hidden = labels.length < PAGE;
        if (!table.rows.length) this.#content.replaceChildren(element("p", "Nothing is labelled yet."));
      } catch (error) {
        this.#content.prepend(element("p", error.message, { role: "alert" }));
      }
    };
    more.addEventListener("click", load);
    await load();
  }

  #open(title, content) {
    document.getElementById("panel-title").textContent = title;
    this.#content.replaceChildren(...content);
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  #binding(action, meaning) {
    const { keys, side } = this.#labeller;
    const row = element("div");
    const button = element("button", shownKey(keys.of(action)), { type: "button", "aria-label": `${meaning}: ${shownKey(keys.of(action))}`, "data-binds": action });
    const problem = () => this.#content.querySelector(".problem");
    const pressed = (event) => {
      const key = keyName(event);
      if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      const reason = keys.bind(action, key);
      problem().textContent = reason ?? "";
      stop();
      side.buttons();
    };
    const stop = () => {
      button.removeEventListener("keydown", pressed);
      button.classList.remove("waiting");
      button.textContent = shownKey(keys.of(action));
      button.setAttribute("aria-label", `${meaning}: ${shownKey(keys.of(action))}`);
    };
    button.addEventListener("click", () => {
      if (button.classList.contains("waiting")) return;
      button.classList.add("waiting");
      button.textContent = "press a key";
      button.addEventListener("keydown", pressed);
      button.addEventListener("blur", stop, { once: true });
    });
    row.append(element("span", meaning), button);
    return row;
  }

  #line(label) {
    const row = element("tr");
    const picture = element("img", "", { alt: "", loading: "lazy", width: 44, height: 44 });
    picture.src = this.#labeller.api.address(`pictures/${label.item}`, { width: 88 });
    const frame = label.frame === null ? "" : ` ${label.frame}`;
    const open = element("button", `${label.path}${frame}`, { type: "button" });
    open.addEventListener("click", async () => {
      this.#dialog.close();
      const object = this.#labeller.desk.units === "labels" ? label.object : "";
      await this.#labeller.desk.jump({ item: label.item, object }).catch((error) => this.#labeller.flash(error.message));
    });
    const said = element("td", saidOf(label));
    said.className = label.content?.verdict ?? "";
    const cells = [picture, open].map((content) => {
      const cell = element("td");
      cell.append(content);
      return cell;
    });
    row.append(...cells, said, element("td", new Date(1000 * label.at).toLocaleString()));
    return row;
  }
}

function saidOf({ subject, content, undoes, stale }) {
  const notes = [undoes && "undone", stale && "not in force"].filter(Boolean).join(", ");
  let text = content === null ? "removed" : "label";
  if (subject === "verdict") text = content?.verdict ?? "no verdict";
  else if (content?.name) text = content.name;
  return notes ? `${text} (${notes})` : text;
}
