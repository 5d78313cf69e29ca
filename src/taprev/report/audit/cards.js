"use strict";
// A table that does not fit beside its page becomes cards, one a row, each cell under the head of its column.
// Without this script it scrolls in its box, as does one of very many rows, which would take seconds.

(() => {
  const LONG = 60, MOST = 2500;
  const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  const role = (element) => ROLES[element.tagName] || (element.scope === "col" ? "columnheader" : "rowheader");

  const headed = (table) => {
    const heads = [...table.tHead.rows[0].cells].flatMap((head) => Array(head.colSpan).fill(head.textContent.trim()));
    const taken = [];
    for (const element of [table, ...table.querySelectorAll("thead, tbody, tr, th, td")]) element.setAttribute("role", role(element));
    for (const row of table.tBodies.length ? [...table.tBodies].flatMap((body) => [...body.rows]) : []) {
      let column = 0;
      for (const cell of row.cells) {
        while (taken[column] > 0) taken[column++] -= 1;
        if (cell.colSpan === 1 && cell.tagName === "TD") cell.dataset.head = heads[column] || "";
        if (cell.colSpan > 1 || cell.textContent.trim().length > LONG || cell.querySelector("img, svg")) cell.dataset.whole = "";
        for (let i = 0; i < cell.colSpan; i += 1) taken[column++] = cell.rowSpan - 1;
      }
      while (column < taken.length) taken[column] = Math.max(0, (taken[column++] || 0) - 1);
    }
    table.dataset.headed = "";
  };

  const fit = (box) => {
    const table = box.querySelector("table");
    table.classList.remove("cards");
    if (box.scrollWidth <= box.clientWidth + 1) return;
    if (!("headed" in table.dataset)) headed(table);
    table.classList.add("cards");
  };

  const widths = new WeakMap();
  const watched = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (widths.get(target) === target.clientWidth) continue;
      widths.set(target, target.clientWidth);
      fit(target);
    }
  });
  for (const box of document.querySelectorAll(".wide:not(.scrolls)")) {
    const table = box.querySelector("table");
    if (!table || !table.tHead || table.rows.length > MOST) continue;
    widths.set(box, box.clientWidth);
    fit(box);
    watched.observe(box);
  }
})();
