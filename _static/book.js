/* Keyboard and screen reader: what the theme's own script leaves out. */
"use strict";

(function () {
  const WIDE = ".bd-article .pst-scrollable-table-container, .bd-article div.math";

  /* Boxes that scroll can be reached and scrolled with the keyboard. */
  function markScrollable() {
    document.querySelectorAll(WIDE).forEach(function (box) {
      if (box.scrollWidth > box.clientWidth) {
        box.tabIndex = 0;
      } else {
        box.removeAttribute("tabindex");
      }
    });
  }

  /* The arrows that unfold the navigation say what they unfold. */
  function nameArrows() {
    document.querySelectorAll(".bd-sidebar summary").forEach(function (arrow) {
      const link = arrow.closest("li").querySelector("a");
      arrow.setAttribute("aria-label", "Sections of " + link.textContent.trim());
    });
  }

  window.addEventListener("DOMContentLoaded", nameArrows);
  window.addEventListener("load", markScrollable);
  window.addEventListener("resize", markScrollable);
})();
