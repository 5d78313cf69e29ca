"use strict";
// The pages are whole without this script. It adds searching, sorting, rows that open on a click, and leaving a study out.

for (const input of document.querySelectorAll("input[data-finds]")) {
  const rows = [...document.getElementById(input.dataset.finds).tBodies[0].rows];
  const found = document.getElementById("found-" + input.dataset.finds);
  const texts = rows.map((row) => row.textContent.toLowerCase());
  input.closest(".finder").hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, i) => {
      row.hidden = !words.every((word) => texts[i].includes(word));
      count += row.hidden ? 0 : 1;
    });
    found.textContent = words.length ? `${count} of ${rows.length}` : "";
  });
}

const number = (text) => {
  const value = parseFloat(text.trim().replace("−", "-").replace("<", ""));
  return Number.isNaN(value) ? null : value;
};

for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const order = [...body.rows];
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const keyed = order.map((row, place) => ({ row, place, text: row.cells[head.cellIndex].textContent.trim() }));
      const numeric = keyed.every(({ text }) => !text || number(text) !== null) && keyed.some(({ text }) => text);
      keyed.sort((a, b) => {
        if (!a.text !== !b.text) return a.text ? -1 : 1;
        const way = numeric ? number(a.text) - number(b.text) : a.text.localeCompare(b.text, "en", { numeric: true });
        return (up ? way : -way) || a.place - b.place;
      });
      body.append(...keyed.map(({ row }) => row));
    });
  }
}

for (const row of document.querySelectorAll("table.forest tbody tr")) {
  const first = row.querySelector("td.results a");
  if (!first) continue;
  row.classList.add("opens");
  row.addEventListener("click", (event) => {
    if (!event.target.closest("a, button") && !String(window.getSelection())) window.location.href = first.href;
  });
}

for (const button of document.querySelectorAll("button[data-leave]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const name = button.dataset.leave;
    const pressed = button.getAttribute("aria-pressed") === "true";
    for (const other of document.querySelectorAll("button[data-leave]")) {
      if (other.dataset.leave === name) other.setAttribute("aria-pressed", "false");
    }
    button.setAttribute("aria-pressed", String(!pressed));
    document.getElementById("ghost-" + name).setAttribute("points", pressed ? "" : button.dataset.shape);
    document.getElementById("left-" + name).textContent = pressed ? "" : button.dataset.words;
  });
}
