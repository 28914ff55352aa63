/* Show the claims of one verdict; without this script the ledger shows all. */
"use strict";

window.addEventListener("DOMContentLoaded", function () {
  const filter = document.querySelector(".claims-filter");
  if (!filter) {
    return;
  }
  const buttons = [...filter.querySelectorAll("button")];
  const tables = [...document.querySelectorAll(".claims-ledger")];
  const rows = [...document.querySelectorAll(".claims-ledger tbody tr")];

  function show(verdict) {
    buttons.forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.value === verdict));
    });
    rows.forEach(function (row) {
      row.hidden = Boolean(verdict) && row.dataset.verdict !== verdict;
    });
    tables.forEach(function (table) {
      const section = table.closest("section");
      section.hidden = !table.querySelector("tbody tr:not([hidden])");
    });
    const shown = rows.filter((row) => !row.hidden).length;
    filter.querySelector("[role=status]").textContent =
      shown + " of " + rows.length + " claims";
  }

  buttons.forEach(function (button) {
    button.addEventListener("click", () => show(button.value));
  });
  /* A link to a claim, or to a section, finds it whatever was chosen. */
  window.addEventListener("hashchange", function () {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.closest("[hidden]")) {
      show("");
      target.scrollIntoView();
    }
  });
  filter.hidden = false;
  show("");
});
