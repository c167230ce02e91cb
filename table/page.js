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

  const sort = (table, at, down) => {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, row => ({row, value: value(row, at)}));
    rows.sort((a, b) => {
      if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
      return down ? compare(b.value, a.value) : compare(a.value, b.value);
    });
    body.append(...rows.map(r => r.row));
  };

  const makeSortable = table => {
    const heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach((head, at) => {
      if (!head.textContent) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        // Figures are mostly looked at from the largest.
        const down = before ? before === "ascending" : head.classList.contains("n");
        heads.forEach(other => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(table, at, down);
      });
    });
  };

  const makeFilter = table => {
    const rows = Array.from(table.tBodies[0].rows);
    if (rows.length < FILTERED_FROM) return;
    const line = document.createElement("div"), label = document.createElement("label");
    const input = document.createElement("input"), found = document.createElement("span");
    line.className = "filter";
    input.type = "search";
    label.append("Filter rows: ", input);
    found.setAttribute("role", "status");
    line.append(label, found);
    (table.closest(".scroll") || table).before(line);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every(word => text.includes(word));
        shown += !row.hidden;
      }
      found.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
    });
  };

  for (const table of document.querySelectorAll("table")) {
    if (!table.tHead || !table.tBodies.length || table.tBodies[0].rows.length < 2) continue;
    makeSortable(table);
    makeFilter(table);
  }
})();
