/* Sorting and filtering the list of places; without this script the list reads by province. */
(function () {
  "use strict";
  function all(node, name) { return Array.prototype.slice.call(node.querySelectorAll(name)); }
  function say(report, name) {
    var found = report.querySelector("template.words").content.querySelector('[data-id="' + name + '"]');
    return found ? found.textContent : name;
  }
  all(document, ".report").forEach(function (report) {
    var table = report.querySelector("table.places"), form = report.querySelector(".filters");
    if (!table || !form) { return; }
    var rows = all(table, "tbody tr:not(.group)");
    form.hidden = false;
    form.addEventListener("submit", function (event) { event.preventDefault(); });

    /* --- filter --- */
    function fits(row) {
      return all(form, "[data-filter]").every(function (field) {
        var wanted = field.value.trim().toLowerCase();
        if (!wanted) { return true; }
        if (field.dataset.filter === "name") { return row.cells[0].textContent.toLowerCase().indexOf(wanted) >= 0; }
        return row.dataset[field.dataset.filter] === field.value;
      });
    }
    function filter() {
      var shown = 0;
      rows.forEach(function (row) { row.hidden = !fits(row); shown += row.hidden ? 0 : 1; });
      all(table, "tbody").forEach(function (body) {
        body.hidden = !all(body, "tr:not(.group)").some(function (row) { return !row.hidden; });
      });
      form.querySelector("output").textContent = say(report, "shown").replace("#", shown).replace("#", rows.length);
    }
    form.addEventListener("input", filter);
    filter();

    /* --- sort: numbers by their value, the rest as it reads; what is not known comes last --- */
    function key(row, column, kind) {
      var cell = row.cells[column];
      if (kind !== "number") { return cell.textContent; }
      return cell.dataset.v === "" || cell.dataset.v === undefined ? null : Number(cell.dataset.v);
    }
    function sort(head, column) {
      var down = head.getAttribute("aria-sort") === "ascending", kind = head.dataset.sort;
      all(table, "th[data-sort]").forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      var body = document.createElement("tbody");
      rows.slice().sort(function (one, other) {
        var a = key(one, column, kind), b = key(other, column, kind);
        if (a === null || b === null) { return (a === null) - (b === null); }
        var order = kind === "number" ? a - b : a.localeCompare(b, report.lang);
        return down ? -order : order;
      }).forEach(function (row) { body.appendChild(row); });
      all(table, "tbody").forEach(function (old) { old.remove(); });
      table.appendChild(body);
      filter();
    }
    all(table, "th[data-sort]").forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () { sort(head, column); });
    });
  });
})();
