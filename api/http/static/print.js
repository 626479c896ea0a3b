// Paper cannot be clicked: what is folded is opened for printing, and folded again afterwards.
// Browsers that open it by the style sheet alone lose nothing by this.
"use strict";

let opened = [];
window.addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open]):not(.picture)")];
  for (const folded of opened) folded.open = true;
});
window.addEventListener("afterprint", () => {
  for (const folded of opened) folded.open = false;
});
