// SPDX-License-Identifier: Apache-2.0
// Sorts and filters the tables of a page; without it all of the page can be read.
"use strict";
(() => {
  const FILTERED_FROM = 25; // rows; fewer are read at a glance
  const order = new Intl.Collator("en", {numeric: true, sensitivity: "base"});

  // What a cell sorts by: its figure where it has one, else its text; null where there is none.
  const value = (row, at) => {
    const cell = row.cells[at];
    if (!cell || cell.classList.contains("x")) return null;
    return "sort" in cell.dataset ? Number(cell.dataset.sort) : cell.textContent;
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : order.compare(a, b);

  // A long table comes in chunks, which are one to who sorts and filters.
  const rowsOf = tables => tables.flatMap(table => Array.from(table.tBodies[0].rows));

  const sort = (tables, at, down) => {
    const sizes = tables.map(table => table.tBodies[0].rows.length);
    const rows = rowsOf(tables).map(row => ({row, value: value(row, at)}));
    rows.sort((a, b) => {
      if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
      return down ? compare(b.value, a.value) : compare(a.value, b.value);
    });
    let from = 0;
    tables.forEach((table, i) => {
      table.tBodies[0].append(...rows.slice(from, from + sizes[i]).map(r => r.row));
      from += sizes[i];
    });
  };

  const makeSortable = tables => {
    const heads = tables.map(table => Array.from(table.tHead.rows[0].cells));
    heads.forEach(cells => cells.forEach((head, at) => {
      if (!head.textContent) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        // Figures are mostly looked at from the largest.
        const down = before ? before === "ascending" : head.classList.contains("n");
        heads.flat().forEach(other => other.removeAttribute("aria-sort"));
        heads.forEach(others => others[at].setAttribute("aria-sort", down ? "descending" : "ascending"));
        sort(tables, at, down);
      });
    }));
  };

  const makeFilter = tables => {
    const rows = rowsOf(tables);
    if (rows.length < FILTERED_FROM) return;
    const line = document.createElement("div"), label = document.createElement("label");
    const input = document.createElement("input"), found = document.createElement("span");
    line.className = "filter";
    input.type = "search";
    label.append("Filter rows: ", input);
    found.setAttribute("role", "status");
    line.append(label, found);
    (tables[0].closest(".chunks") || tables[0].closest(".scroll") || tables[0]).before(line);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every(word => text.includes(word));
        shown += !row.hidden;
      }
      if (tables.length > 1)
        for (const table of tables)
          table.closest(".scroll").hidden = Array.from(table.tBodies[0].rows).every(row => row.hidden);
      found.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
    });
  };

  const groups = new Map();
  for (const table of document.querySelectorAll("table")) {
    if (!table.tHead || !table.tBodies.length) continue;
    const key = table.closest(".chunks") || table;
    groups.set(key, [...(groups.get(key) || []), table]);
  }
  for (const tables of groups.values()) {
    if (rowsOf(tables).length < 2) continue;
    makeSortable(tables);
    makeFilter(tables);
  }
})();
