// Keys for whoever signs many: they press what is on the page, and nothing that is not.
const press = {
  j: () => document.getElementById("next")?.click(),
  k: () => document.getElementById("before")?.click(),
  m: () => {
    for (const set of document.querySelectorAll(".side .chips")) set.querySelector("input").checked = true;
  },
  a: () => document.getElementById("verdict-approve")?.click(),
  r: () => document.getElementById("verdict-reject")?.click(),
  c: () => document.getElementById("reason")?.focus(),
  s: () => document.getElementById("go")?.click(),
};
const on = document.getElementById("keys");
document.addEventListener("keydown", (event) => {
  const box = event.target.closest("textarea, select, input:not([type=radio], [type=checkbox])");
  if (box || event.ctrlKey || event.metaKey || event.altKey || !on?.checked || !press[event.key]) return;
  event.preventDefault();
  press[event.key]();
});

// What was written keeps itself, a moment after the last change.
const form = document.getElementById("sign");
let waiting = 0;
form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const answer = await fetch("/review/drafts", { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
    document.getElementById("kept").textContent = answer.type === "opaqueredirect" ? "Kept as a draft." : "This draft could not be kept.";
  }, 800);
});
form?.addEventListener("submit", () => clearTimeout(waiting));
