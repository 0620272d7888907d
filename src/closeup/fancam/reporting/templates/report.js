// Builds the text of corrections.json from the names that are given to persons, and from lines of
// doubtful moments. Without scripts the page shows the lines to copy by hand.
const corrections = JSON.parse(document.getElementById("corrections").textContent);
const tiles = [...document.querySelectorAll(".tile")].map((element) => ({
  element,
  id: element.dataset.person,
  member: element.dataset.member ?? null,
  tracklets: element.dataset.tracklets.split(" "),
  conflicts: element.dataset.conflicts.split(" "),
  input: element.querySelector("input"),
  nobody: element.querySelector(".nobody-button"),
  message: element.querySelector(".message"),
}));
const tileOf = new Map(tiles.flatMap((tile) => tile.tracklets.map((number) => [number, tile])));

// A line may name a person by any of its tracklets; here it is moved to the person's own number.
for (const [number, name] of Object.entries(corrections.persons)) {
  const tile = tileOf.get(String(Number(number)));
  if (!tile || tile.id === number) continue;
  delete corrections.persons[number];
  corrections.persons[tile.id] ??= name;
}

// Tracklets that were taken out of a person keep lines of their own: those take precedence.
for (const tile of tiles) {
  const apart = tile.tracklets.every((number) => number in corrections.tracklets);
  tile.lines = apart ? corrections.tracklets : corrections.persons;
  tile.numbers = apart ? tile.tracklets : [tile.id];
}

const given = (tile) => tile.numbers[0] in tile.lines;
const nameOf = (tile) => (given(tile) ? tile.lines[tile.numbers[0]] : tile.member);
const give = (tile, known) => {
  tile.tracklets.forEach((number) => delete corrections.tracklets[number]);
  tile.numbers.forEach((number) => { tile.lines[number] = known; });
};
const take = (tile) => tile.numbers.forEach((number) => delete tile.lines[number]);
const rivals = (tile) => tiles.filter((other) => tile.conflicts.includes(other.id));
const rivalCalled = (tile, name) => rivals(tile).find((other) => nameOf(other) === name);

function setName(tile, text) {
  const wanted = text.normalize("NFC").trim();
  const rival = wanted && rivalCalled(tile, wanted);
  tile.message.textContent = rival
    ? `Person ${rival.id} is ${wanted} at the same time; change that one first.`
    : "";
  if (wanted && !rival) give(tile, wanted);
  else take(tile);
  show();
}

// The lines of doubtful moments: each is used, or taken back, by its button.
const fixes = [...document.querySelectorAll(".fixes dd")].map((row) => {
  const line = row.querySelector("code");
  const [copying, using] = row.querySelectorAll("button");
  const { key } = line.dataset;
  const value = JSON.parse(key === "crops" ? line.textContent : `{${line.textContent}}`);
  const message = row.closest(".moment").querySelector(".message");
  return { key, value, line, copying, using, message };
});
const sameCrop = (fix) => (crop) => JSON.stringify(crop) === JSON.stringify(fix.value);

function isUsed(fix) {
  if (fix.key === "crops") return corrections.crops.some(sameCrop(fix));
  const [[number, name]] = Object.entries(fix.value);
  return corrections[fix.key][number] === name; // null is not undefined
}

function toggle(fix) {
  const used = isUsed(fix);
  fix.message.textContent = "";
  if (fix.key === "crops") {
    corrections.crops = corrections.crops.filter((crop) => !sameCrop(fix)(crop));
    if (!used) corrections.crops.push(fix.value);
    return show();
  }
  const [[number, name]] = Object.entries(fix.value);
  const rival = name && rivals(tileOf.get(number)).find((other) => given(other) && nameOf(other) === name);
  if (used) delete corrections[fix.key][number];
  else if (!rival) corrections[fix.key][number] = name;
  else fix.message.textContent = `You named person ${rival.id} ${name} at the same time; change that one first.`;
  return show();
}

function show() {
  for (const tile of tiles) {
    const known = nameOf(tile);
    tile.element.classList.toggle("given", given(tile));
    tile.nobody.setAttribute("aria-pressed", String(given(tile) && known === null));
    if (document.activeElement !== tile.input) tile.input.value = given(tile) ? (known ?? "") : "";
  }
  for (const fix of fixes) {
    fix.using.setAttribute("aria-pressed", String(isUsed(fix)));
  }
  const parts = Object.entries(corrections).filter(([, part]) => Object.keys(part).length);
  const count = parts.reduce((sum, [, part]) => sum + Object.keys(part).length, 0);
  document.getElementById("file-text").textContent = JSON.stringify(Object.fromEntries(parts), null, 2);
  document.getElementById("file-count").textContent = `${count} ${count === 1 ? "line" : "lines"}`;
  document.getElementById("file").hidden = count === 0;
}

for (const tile of tiles) {
  tile.element.querySelector(".naming").hidden = false;
  tile.element.querySelector("code").hidden = true;
  tile.input.addEventListener("input", () => setName(tile, tile.input.value));
  tile.input.addEventListener("blur", show);
  tile.input.addEventListener("focus", () => {
    const names = [...tiles.map(nameOf), ...JSON.parse(document.getElementById("names").dataset.names)];
    const free = [...new Set(names)].filter((known) => known && !rivalCalled(tile, known));
    document.getElementById("names").replaceChildren(...free.map((known) => new Option(known)));
  });
  tile.nobody.addEventListener("click", () => {
    if (given(tile) && nameOf(tile) === null) take(tile);
    else give(tile, null);
    tile.message.textContent = "";
    show();
  });
}

async function copy(button, element) {
  const text = button.textContent;
  getSelection().selectAllChildren(element);
  button.textContent = "Selected";
  try {
    await navigator.clipboard.writeText(element.textContent);
    button.textContent = "Copied";
  } catch { /* The browser keeps the clipboard from pages on disk: the line is selected. */ }
  setTimeout(() => { button.textContent = text; }, 1500);
}

for (const fix of fixes) {
  fix.copying.hidden = fix.using.hidden = false;
  fix.copying.addEventListener("click", () => copy(fix.copying, fix.line));
  fix.using.addEventListener("click", () => toggle(fix));
}

const text = document.getElementById("file-text");
const [copying, saving] = document.querySelectorAll("#file button");
copying.addEventListener("click", () => copy(copying, text));
saving.addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text.textContent + "\n"], { type: "application/json" }));
  link.download = "corrections.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
copying.hidden = saving.hidden = false;
show();
