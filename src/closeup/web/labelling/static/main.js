// Begins: asks for the person's name once, opens the session, and shows where the person goes on.

import { Api, newId } from "./api.js";
import { askName } from "./dialogs.js";
import { Labeller } from "./labeller.js";
import { Outbox } from "./outbox.js";

const AUTHOR = "closeup:author";
const THEME = "closeup:theme";
const TAB = "closeup:tab";

async function begin() {
  const task = JSON.parse(document.getElementById("task").textContent);
  useTheme(localStorage.getItem(THEME));
  document.getElementById("theme").addEventListener("click", otherTheme);
  let author = localStorage.getItem(AUTHOR);
  if (!author) {
    author = await askName(task.author);
    localStorage.setItem(AUTHOR, author);
  }
  const api = new Api(tabName(), author);
  const opened = await opening(api);
  document.getElementById("app").hidden = false;
  document.getElementById("who").textContent = author;
  document.getElementById("who").addEventListener("click", otherName);
  await new Labeller(task, api, new Outbox(api, opened.store)).begin(opened);
}

async function opening(api) {
  const bye = document.getElementById("bye");
  try {
    return await api.open();
  } catch (error) {
    bye.hidden = false;
    bye.textContent = `The labeller cannot begin: ${error.message}`;
    throw error;
  }
}

function otherName() {
  localStorage.removeItem(AUTHOR);
  location.reload();
}

// A tab keeps its name when it is loaded again, and a copy of it gets another one.
function tabName() {
  const [navigation] = performance.getEntriesByType("navigation");
  const kept = navigation?.type === "reload" ? sessionStorage.getItem(TAB) : null;
  const name = kept ?? `tab-${newId()}`;
  sessionStorage.setItem(TAB, name);
  return name;
}

function useTheme(theme) {
  const light = window.matchMedia("(prefers-color-scheme: light)").matches;
  document.documentElement.dataset.theme = theme ?? (light ? "light" : "dark");
}

function otherTheme() {
  const theme = document.documentElement.dataset.theme === "light" ? "dark" : "light";
  localStorage.setItem(THEME, theme);
  useTheme(theme);
}

begin();
