// Names of keys, and which action each of them has.

const NAMES = {
  Escape: "esc",
  Enter: "enter",
  Tab: "tab",
  Delete: "delete",
  Backspace: "backspace",
  " ": "space",
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};
const ARROWS = new Set(["left", "right", "up", "down"]);
const SHOWN = {
  esc: "Esc",
  enter: "Enter",
  tab: "Tab",
  delete: "Del",
  backspace: "⌫",
  space: "Space",
  left: "←",
  right: "→",
  up: "↑",
  down: "↓",
};
const KEPT = "closeup:keys";

/** The name of a key as in a task's file; null for keys that cannot be bound, as Shift alone. */
export function keyName(event) {
  if (NAMES[event.key]) return NAMES[event.key];
  return [...event.key].length === 1 ? event.key.toLowerCase() : null;
}

export function shownKey(key) {
  return SHOWN[key] ?? (/[a-z]/.test(key) ? key.toUpperCase() : key);
}

export class Keys {
  #usual;

  constructor(usual) {
    this.#usual = usual;
    this.bound = { ...usual, ...this.#kept() };
  }

  of(action) {
    return this.bound[action];
  }

  action(key) {
    const found = this.#find(key);
    // On most keyboards plus is the same key with shift.
    return found ?? (key === "=" ? this.#find("+") : null);
  }

  /** Bind a key; returns why it cannot be bound, or null if it was. */
  bind(action, key) {
    if (key === null) return "this key cannot be used";
    if (/^[0-9]$/.test(key)) return `${key} names a class; choose another key`;
    if (ARROWS.has(key) || key === "space") return `${shownKey(key)} moves things; choose another key`;
    const other = this.#find(key);
    if (other && other !== action) return `${shownKey(key)} is taken; change that one first`;
    this.bound[action] = key;
    const changed = Object.entries(this.bound).filter(([name, own]) => this.#usual[name] !== own);
    localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(changed)));
    return null;
  }

  reset() {
    localStorage.removeItem(KEPT);
    this.bound = { ...this.#usual };
  }

  #find(key) {
    return Object.keys(this.bound).find((action) => this.bound[action] === key) ?? null;
  }

  // What was bound in this browser, unless the task gives one of those keys to another action.
  #kept() {
    let kept;
    try {
      kept = JSON.parse(localStorage.getItem(KEPT)) ?? {};
    } catch {
      return {};
    }
    const known = Object.entries(kept).filter(([action]) => action in this.#usual);
    const all = { ...this.#usual, ...Object.fromEntries(known) };
    const distinct = new Set(Object.values(all)).size === Object.keys(all).length;
    return distinct ? Object.fromEntries(known) : {};
  }
}
