"use strict";
// One field finds every row of the review, from every page; keys lead on from there. The texts that are searched stand
// in a file of their own, which is read when the field is first used.

(() => {
  const SHOWN = 30, BEFORE = 40, AFTER = 70;
  const KEYS = {
    "/": "find a row: a figure, a piece of a quote, a study, a result or its row number",
    Enter: "open the first row found",
    "↓ ↑": "go through the rows found",
    Esc: "empty the field",
    "j k": "next and previous result; in a list, next and previous row",
    u: "up: from a result to its domain, from there to the overview",
    "?": "this list",
  };
  const listed = Object.entries(KEYS).map(([names, does]) => `<div><dt>${names.split(" ").map((one) => `<kbd>${one}</kbd>`).join(" ")}</dt><dd>${does}</dd></div>`);
  document.querySelector("header").insertAdjacentHTML("beforeend", `<div class="find" role="search">
    <label for="find">Find a row</label> <input type="search" id="find" autocomplete="off" aria-describedby="find-what hits-said">
    <button type="button" id="show-keys">Keys</button> <output id="hits-said" for="find" aria-live="polite"></output>
    <span id="find-what" class="unseen">By figure, printed expression, quote, study, report, result or row number. Arrow down goes into the list.</span>
    <ul id="hits" hidden></ul></div>`);
  document.body.insertAdjacentHTML("beforeend", `<dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keys</h2>
    <dl>${listed.join("")}</dl><button type="button" id="close-keys">Close</button></dialog>`);
  const [box, keys] = [document.querySelector(".find"), document.getElementById("keys")];
  const [field, list, said] = ["find", "hits", "hits-said"].map((id) => document.getElementById(id));
  const base = document.currentScript.src.replace(/[^/]*$/, "");
  const plain = (text) => text.toLowerCase().replace(/[−–‐‑]/g, "-").replace(/[‘’]/g, "'").replace(/[“”]/g, '"').replace(/\s+/g, " ");
  let rows = null;
  let loading = false;

  const load = () => {
    if (loading) return;
    loading = true;
    const script = document.createElement("script");
    script.src = `${base}find.js`;
    script.addEventListener("load", () => {
      const { fields, shared, rows: listed } = window.taprevRows;
      rows = listed.map(([result, file, number, ...texts]) => {
        const own = texts.map((text) => (typeof text === "number" ? shared[text] : text));
        return { result, file: file || `result_${result}.html`, number: String(number), texts: own, id: plain(result), plain: plain(own.join(" · ")) };
      });
      rows.fields = fields;
      show();
    });
    document.head.append(script);
  };

  // How well a row fits, the least first; null where it does not.
  const spellings = (word) => (/^-?0\.\d/.test(word) ? [word, word.replace("0.", ".")] : [word]);
  const has = (row, word) => spellings(word).some((one) => row.plain.includes(one) || row.id.includes(one));
  const rank = (row, asked, words) => {
    if (row.id === asked) return 0;
    if (row.number === asked.replace(/^row /, "")) return 1;
    if (row.id.startsWith(asked)) return 2;
    if (!words.every((word) => has(row, word))) return null;
    const at = row.plain.indexOf(asked);
    if (at < 0) return 5;
    const edge = (sign) => !sign || !/[\w.]/.test(sign);
    return edge(row.plain[at - 1]) && edge(row.plain[at + asked.length]) ? 3 : 4;
  };

  const found = (asked) => {
    const words = asked.split(" ").filter(Boolean);
    const ranked = rows.map((row, place) => ({ row, place, rank: rank(row, asked, words) })).filter((one) => one.rank !== null);
    return ranked.sort((a, b) => a.rank - b.rank || a.place - b.place).map(({ row }) => row);
  };

  // The text in which the words stand, cut to what is near them, with the words marked.
  const excerpt = (row, asked) => {
    const wanted = [asked, ...asked.split(" ")].flatMap(spellings).filter(Boolean);
    for (const one of wanted) {
      for (let i = row.texts.length - 1; i >= 0; i -= 1) {
        const at = plain(row.texts[i]).indexOf(one);
        if (at < 0) continue;
        const text = row.texts[i].replace(/\s+/g, " "), from = Math.max(0, at - BEFORE), to = at + one.length;
        const mark = document.createElement("mark");
        mark.textContent = text.slice(at, to);
        return [`${rows.fields[i]}: ${from ? "… " : ""}${text.slice(from, at)}`, mark, text.slice(to, to + AFTER) + (to + AFTER < text.length ? " …" : "")];
      }
    }
    return [];
  };

  const hit = (row, asked) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const name = document.createElement("strong");
    const words = document.createElement("span");
    link.href = base + row.file;
    name.textContent = row.result;
    words.className = "excerpt";
    words.append(...excerpt(row, asked));
    link.append(name, ` ${row.texts[0]}, ${row.texts[2]} (row ${row.number})`);
    item.append(link, words);
    return item;
  };

  const show = () => {
    const asked = plain(field.value).trim();
    list.hidden = !asked || !rows;
    if (!asked) said.textContent = "";
    if (!asked || !rows) return;
    const hits = found(asked);
    list.replaceChildren(...hits.slice(0, SHOWN).map((row) => hit(row, asked)));
    list.hidden = !hits.length;
    said.textContent = `${hits.length} of ${rows.length} rows${hits.length > SHOWN ? `, the first ${SHOWN} shown` : ""}`;
  };

  const links = () => [...list.querySelectorAll("a")];
  const step = (way) => {
    const every = links(), at = every.indexOf(document.activeElement) + way;
    if (at < 0) field.focus();
    else if (every[at]) every[at].focus();
  };
  const rowLinks = () => [...document.querySelectorAll("table.sortable tbody tr:not([hidden])")].map((row) => row.querySelector('a[href*="result_"]')).filter(Boolean);
  const go = (way) => {
    const near = document.querySelector(`a[rel="${way > 0 ? "next" : "prev"}"]`);
    if (near || document.querySelector(".near")) {
      if (near) window.location.href = near.href;
      return;
    }
    const every = rowLinks(), at = every.indexOf(document.activeElement);
    const next = every[at < 0 ? (way > 0 ? 0 : every.length - 1) : at + way];
    if (next) next.focus();
  };
  const up = () => {
    const above = [...document.querySelectorAll(".crumbs > a")].pop();
    if (above) window.location.href = above.href;
  };
  const find = () => {
    field.focus();
    field.select();
  };
  const PRESSED = { "/": find, "?": () => keys.showModal(), j: () => go(1), k: () => go(-1), u: up };

  field.addEventListener("focus", load);
  field.addEventListener("input", show);
  document.getElementById("show-keys").addEventListener("click", () => keys.showModal());
  document.getElementById("close-keys").addEventListener("click", () => keys.close());
  box.addEventListener("keydown", (event) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way) {
      event.preventDefault();
      step(way);
    } else if (event.key === "Enter" && event.target === field && links().length) {
      event.preventDefault();
      links()[0].click();
    } else if (event.key === "Escape") {
      field.value = "";
      show();
      field.focus();
    }
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || keys.open || event.ctrlKey || event.metaKey || event.altKey || !(event.key in PRESSED)) return;
    event.preventDefault();
    PRESSED[event.key]();
  });
})();
