// A link to the form may hold an input behind "#": fill it in. Nothing is sent before somebody
// has seen it and asks for the check.
"use strict";

const form = document.querySelector("form.check");
const given = new URLSearchParams(location.hash.slice(1));
let filled = 0;
for (const name of new Set(given.keys())) {
  for (const field of form.querySelectorAll("[name]")) {
    if (field.name !== name) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = given.getAll(name).includes(field.value);
    else field.value = given.getAll(name).join("\n");
    filled += 1;
  }
}
if (filled) {
  history.replaceState(null, "", location.pathname);
  form.querySelector("button").focus();
}
