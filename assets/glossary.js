/* The list of the glossary: laid out from its data, and searched; what is found inside a measure is said beneath it. */
(function () {
  function part(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  /* All of a term; of a measure the first line, and a way to the rest. */
  function entry({ name, title, line, inside }) {
    const element = part(inside.length ? "a" : "p", "entry");
    if (inside.length) element.href = `#glossary=${name}`;
    element.dataset.inside = inside.join("\n");
    element.append(part("b", "", title), " ", part("span", "", line));
    return element;
  }

  function section({ title, entries }) {
    const element = part("section", "glossary-group");
    element.append(part("h3", "", title), ...entries.map(entry));
    return element;
  }

  function find() {
    const sought = document.getElementById("glossary-search").value.trim().toLowerCase();
    const entries = [...document.querySelectorAll("#glossary-list .entry")];
    entries.forEach((element) => {
      const said = element.textContent.toLowerCase().includes(sought);
      const line = said ? "" : element.dataset.inside.split("\n").find((one) => one.toLowerCase().includes(sought));
      element.hidden = !said && !line;
      if (line) element.dataset.found = line;
      else delete element.dataset.found;
    });
    document.querySelectorAll("#glossary-list section").forEach((group) => {
      group.hidden = !group.querySelector(".entry:not([hidden])");
    });
    const left = entries.filter((element) => !element.hidden).length;
    document.getElementById("glossary-count").textContent = sought ? `${left} of ${entries.length}` : "";
  }

  document.addEventListener("input", (event) => event.target.id === "glossary-search" && find());

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.glossary = {
    list(groups) {
      document.getElementById("glossary-list").replaceChildren(...(groups || []).map(section));
      find();
      return window.dash_clientside.no_update;
    },
  };
})();
