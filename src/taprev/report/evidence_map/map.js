"use strict";
// The page is whole without this script. It adds filters, and cells that open the studies in them.

const rows = [...document.querySelectorAll("#list tbody tr")].map((row) => ({
  row,
  cell: row.dataset.cell,
  study: row.dataset.study,
  way: row.dataset.way,
  counted: row.dataset.counted === "yes",
  wrong: Number(row.dataset.wrong),
  options: row.dataset.options.split(" "),
}));
const filters = [...document.querySelectorAll("#filters select")];
const found = document.getElementById("found");
const cells = new Map([...document.querySelectorAll("#map td.held")].map((cell) => [cell.dataset.cell, cell]));
const every = new Set(rows.map(({ study }) => study)).size;

// A study that points differently in two designs is unclear.
const ways = (own) => {
  const said = new Map();
  for (const { study, way } of own) said.set(study, said.has(study) && said.get(study) !== way ? "unclear" : way);
  return said;
};

const show = (block, own) => {
  const said = [...ways(own).values()];
  block.hidden = !said.length;
  block.querySelector(".number").textContent = said.length;
  for (const noun of block.querySelectorAll("[data-one]")) noun.textContent = said.length === 1 ? noun.dataset.one : noun.dataset.many;
  for (const line of block.querySelectorAll("[data-way]")) {
    const count = said.filter((way) => way === line.dataset.way).length;
    line.querySelector(".number").textContent = count;
    line.classList.toggle("none", !count);
  }
};

const chosen = () => filters.filter((select) => select.value !== "");

const update = () => {
  const held = new Map([...cells.keys()].map((cell) => [cell, []]));
  const studies = new Set();
  for (const one of rows) {
    const fits = filters.every((select, i) => select.value === "" || select.value === one.options[i]);
    one.row.hidden = !fits;
    if (!fits) continue;
    held.get(one.cell).push(one);
    studies.add(one.study);
  }
  for (const [name, own] of held) {
    const cell = cells.get(name);
    const inside = own.filter(({ counted }) => counted);
    const names = new Set(inside.map(({ study }) => study));
    show(cell.querySelector('[data-of="in"]'), inside);
    show(cell.querySelector('[data-of="out"]'), own.filter(({ study }) => !names.has(study)));
    const wrong = own.reduce((sum, one) => sum + one.wrong, 0);
    const line = cell.querySelector(".wrong");
    line.hidden = !wrong;
    line.querySelector(".number").textContent = wrong;
    line.querySelector("[data-one]").textContent = wrong === 1 ? line.querySelector("[data-one]").dataset.one : line.querySelector("[data-one]").dataset.many;
    cell.querySelector(".emptied").hidden = own.length > 0;
    cell.querySelector("button").disabled = !own.length;
  }
  const named = chosen().map((select) => `${select.dataset.name}: ${select.selectedOptions[0].textContent}`);
  found.textContent = `${studies.size} of ${every} studies${named.length ? ` (${named.join("; ")})` : ""}`;
};

const dialog = document.getElementById("cell");
const heads = [...document.querySelectorAll("#list thead th")].map((head) => head.textContent);

const described = ({ row }) => {
  const item = document.createElement("li");
  const name = document.createElement("h3");
  name.append(...row.cells[0].cloneNode(true).childNodes);
  const list = document.createElement("dl");
  [...row.cells].forEach((cell, i) => {
    if (!i || cell.classList.contains("known") || !cell.textContent.trim()) return;
    const term = document.createElement("dt");
    const words = document.createElement("dd");
    term.textContent = heads[i];
    words.append(...cell.cloneNode(true).childNodes);
    list.append(term, words);
  });
  item.append(name, list);
  return item;
};

const open = (cell) => {
  const [outcome, level] = cell.dataset.cell.split("-");
  const own = rows.filter((one) => one.cell === cell.dataset.cell && !one.row.hidden);
  document.getElementById("cell-title").textContent =
    `${document.getElementById(`outcome-${outcome}`).querySelector(".name").textContent}, ${document.getElementById(`level-${level}`).textContent}`;
  document.getElementById("cell-studies").replaceChildren(...own.map(described));
  dialog.showModal();
  dialog.scrollTop = 0;
};

for (const cell of cells.values()) {
  const [outcome, level] = cell.dataset.cell.split("-");
  const inner = cell.querySelector(".inner");
  const button = document.createElement("button");
  button.type = "button";
  button.id = `cell-${cell.dataset.cell}`;
  button.setAttribute("aria-haspopup", "dialog");
  button.setAttribute("aria-labelledby", `outcome-${outcome} level-${level} ${button.id}`);
  button.append(...inner.childNodes);
  inner.replaceWith(button);
  button.addEventListener("click", () => open(cell));
}

for (const select of filters) select.addEventListener("change", update);
document.getElementById("all").addEventListener("click", () => {
  for (const select of filters) select.value = "";
  update();
});
document.getElementById("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
for (const hidden of document.querySelectorAll(".scripted")) hidden.hidden = false;
update();
