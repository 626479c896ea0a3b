// The editor over the plain form: the form stays what it is where this does not run.
(() => {
  "use strict";
  const form = document.getElementById("query-form");
  const area = document.getElementById("query");
  const results = document.getElementById("results");
  if (!form || !window.Yasgui) return;
  const { Yasqe, Yasr } = window.Yasgui;
  const prefixes = Object.fromEntries(
    [...document.querySelectorAll("#prefixes tr")].map((row) => [
      row.cells[0].textContent.trim().slice(0, -1),
      row.cells[1].textContent.trim(),
    ]),
  );

  // The table takes the first prefix that fits: one that others go on from would hide them.
  const places = Object.values(prefixes);
  const distinct = Object.fromEntries(
    Object.entries(prefixes).filter(([, at]) => !places.some((p) => p !== at && p.startsWith(at))),
  );

  // Names of ours, with the words they are known by; asked for once, when the first is wanted.
  let terms = null;
  const askTerms = async () => {
    const query = `SELECT DISTINCT ?term ?label WHERE { ?term rdfs:label ?label
      FILTER(ISIRI(?term) && (STRSTARTS(STR(?term), STR(ik:)) || EXISTS { ?term a owl:Class })) }`;
    const answer = await fetch("/sparql?" + new URLSearchParams({ query, format: "json" }));
    if (!answer.ok) return [];
    const known = Object.entries(prefixes).sort((a, b) => b[1].length - a[1].length);
    return (await answer.json()).results.bindings.flatMap(({ term, label }) => {
      const found = known.find(([, place]) => term.value.startsWith(place));
      if (!found) return [];
      const key = term.value.slice(found[1].length);
      return [{ prefix: found[0], name: `${found[0]}:${key}`, words: `${key} ${label.value}`.toLowerCase(), label: label.value }];
    });
  };
  // Behind the prefix, a part of the key or of the label is enough.
  const fitting = (text) => {
    const [prefix, rest] = text.toLowerCase().split(":");
    const late = (t) => (t.words.startsWith(rest) ? 0 : 1);
    return terms
      .filter((t) => t.prefix === prefix && t.words.includes(rest))
      .sort((a, b) => late(a) - late(b) || a.name.length - b.name.length)
      .slice(0, 60);
  };
  Yasqe.registerAutocompleter({
    name: "inokg",
    bulk: false,
    autoShow: true,
    persistenceId: null,
    isValidCompletionPosition: (yasqe) => {
      const token = yasqe.getCompleteToken();
      const name = /^[A-Za-z][\w-]*:[\w-]*$/.test(token.string);
      return name && !["string", "comment"].includes(token.type);
    },
    get: async (_yasqe, token) => {
      terms = terms || (await askTerms());
      return fitting(token.string).map((t) => t.name);
    },
    postprocessHints: (_yasqe, hints) =>
      hints.map((hint) => {
        const term = terms.find((t) => t.name === hint.text);
        return { ...hint, displayText: term ? `${term.name}   ${term.label}` : hint.text };
      }),
  });

  const box = document.createElement("div");
  box.className = "editor";
  area.after(box);
  area.hidden = true;
  form.querySelector('label[for="query"]').hidden = true;
  const yasqe = new Yasqe(box, {
    value: area.value,
    persistenceId: null,
    createShareableLink: null,
    consumeShareLink: null,
    showQueryButton: false,
    resizeable: true,
    editorHeight: "22rem",
    prefixCcApi: null,
    autocompleters: ["variables", "inokg"],
    requestConfig: { endpoint: "/sparql", method: "POST" },
    screenReaderLabel: "Query",
  });
  // Tab leaves the editor, as it leaves every other field: whoever goes by keys must get out.
  yasqe.setOption("extraKeys", { ...yasqe.getOption("extraKeys"), Tab: false, "Shift-Tab": false });
  yasqe.on("change", () => { area.value = yasqe.getValue(); });

  const refuse = (problem) => {
    const part = document.createElement("div");
    part.className = "refused";
    const title = document.createElement("h2");
    title.textContent = "Not answered";
    const said = document.createElement("p");
    said.textContent = [problem.field, problem.detail].filter(Boolean).join(": ")
      + (problem.subject ? ` (${problem.subject})` : "") + ". " + (problem.repair || "");
    part.append(title, said);
    results.replaceChildren(part);
  };
  const show = (media, text, answer, spent) => {
    const view = document.createElement("div");
    const said = document.createElement("p");
    const cap = answer.headers.get("Inokg-Row-Cap");
    said.className = cap ? "incomplete" : "";
    said.textContent = cap ? `The cap of ${Number(cap).toLocaleString("en-GB")} rows was reached; there may be more.` : "";
    results.replaceChildren(said, view);
    const yasr = new Yasr(view, { persistenceId: null, prefixes: distinct, maxPersistentResponseSize: 0 });
    yasr.storePluginConfig("table", { compact: true });
    yasr.setResponse({ contentType: media, data: text, status: answer.status, executionTime: Math.round(spent) });
  };
  // Names of ours lead to their pages here, not to where their permanent names lead.
  const nearer = (event) => {
    const link = event.target.closest && event.target.closest("a[href^='https://w3id.org/inokg/']");
    if (link) link.href = "/id/" + link.href.slice("https://w3id.org/inokg/".length);
  };
  for (const kind of ["mouseover", "focusin", "click"]) results.addEventListener(kind, nearer, true);

  const button = form.querySelector("button");
  const run = async () => {
    button.disabled = true;
    results.setAttribute("aria-busy", "true");
    const begun = performance.now();
    try {
      const answer = await fetch("/sparql", {
        method: "POST",
        headers: {
          "Content-Type": "application/sparql-query",
          Accept: "application/sparql-results+json, text/turtle;q=0.9",
        },
        body: yasqe.getValue(),
      });
      const media = (answer.headers.get("Content-Type") || "").split(";")[0];
      const text = await answer.text();
      if (answer.ok) show(media, text, answer, performance.now() - begun);
      else refuse(media.endsWith("json") ? JSON.parse(text) : { detail: text });
    } catch {
      refuse({ detail: "the service could not be reached", repair: "try again" });
    } finally {
      button.disabled = false;
      results.removeAttribute("aria-busy");
    }
  };
  form.addEventListener("submit", (event) => {
    if (form.elements.format.value !== "html") return;
    event.preventDefault();
    run();
  });
  yasqe.addKeyMap({ "Ctrl-Enter": run, "Cmd-Enter": run });
})();
