// Offers names while a line is typed. The form works without it: nothing is chosen by itself,
// and what is typed is sent as it stands.
"use strict";

for (const box of document.querySelectorAll("textarea[data-complete]")) offer(box);

function offer(box) {
  const list = document.createElement("ul");
  list.id = box.id + "-offers";
  list.className = "offers";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "names that begin so");
  list.hidden = true;
  // A text area is no combobox to ARIA: what is offered is said aloud, too.
  const said = document.createElement("p");
  said.className = "hidden";
  said.setAttribute("role", "status");
  box.after(list, said);
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  let asked = 0, waiting = 0, at = -1;

  function line() {
    const start = box.value.lastIndexOf("\n", box.selectionStart - 1) + 1;
    const next = box.value.indexOf("\n", box.selectionStart);
    const end = next < 0 ? box.value.length : next;
    return { start, end, text: box.value.slice(start, end) };
  }

  function close() {
    list.hidden = true;
    at = -1;
    said.textContent = "";
    box.removeAttribute("aria-activedescendant");
  }

  function take(label) {
    const here = line();
    const rest = here.text.includes("=") ? here.text.slice(here.text.indexOf("=")) : "";
    box.setRangeText(label + (rest && " " + rest), here.start, here.end, "end");
    close();
    box.focus();
  }

  function mark(step) {
    const items = [...list.children];
    at = (at + step + items.length) % items.length;
    items.forEach((item, n) => item.setAttribute("aria-selected", String(n === at)));
    box.setAttribute("aria-activedescendant", items[at].id);
    items[at].scrollIntoView({ block: "nearest" });
  }

  async function ask() {
    const text = line().text.split("=")[0].trim();
    const number = ++asked;
    if (text.length < 2) return close();
    let found;
    try {
      const answer = await fetch(box.dataset.complete + "?limit=8&q=" + encodeURIComponent(text));
      if (!answer.ok) return close();
      found = (await answer.json()).items;
    } catch {
      return close();
    }
    if (number !== asked || !found.length || document.activeElement !== box) return close();
    list.replaceChildren(...found.map((entry, n) => {
      const item = document.createElement("li");
      item.id = list.id + "-" + n;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.textContent = entry.label;
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(entry.label); });
      return item;
    }));
    at = -1;
    list.hidden = false;
    said.textContent = list.children.length + " names offered; arrow down to choose, Enter to take.";
  }

  box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 120); });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      take(list.children[at].textContent);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
}
