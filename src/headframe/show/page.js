/* Progressive enhancement only: without this script the whole report reads. Nothing newer than Chromium 86. */
(function () {
  "use strict";
  var doc = document;
  var codes = ["en", "zh"];
  var KEY = "headframe-language";

  /* Functions that the drawing program expects and older browsers lack. */
  if (typeof Object.hasOwn !== "function") {
    Object.hasOwn = function (object, name) { return Object.prototype.hasOwnProperty.call(object, name); };
  }
  if (typeof window.structuredClone !== "function") {
    window.structuredClone = function clone(value) {
      if (Array.isArray(value)) { return value.map(clone); }
      if (value instanceof Date) { return new Date(value.getTime()); }
      if (value && typeof value === "object") {
        var copy = {};
        Object.keys(value).forEach(function (name) { copy[name] = clone(value[name]); });
        return copy;
      }
      return value;
    };
  }

  /* --- language --- */
  function current() { return doc.getElementById("language-zh").checked ? "zh" : "en"; }
  function report(code) { return doc.querySelector(".report.in-" + code); }
  function word(name) {
    var kept = report(current()).querySelector("template.words").content;
    var found = kept.querySelector('[data-id="' + name + '"]');
    return found ? found.textContent : name;
  }
  function announce() {
    var shown = report(current());
    doc.documentElement.lang = shown.lang;
    doc.title = shown.dataset.title;
  }
  function show(code, remember) {
    doc.getElementById("language-" + code).checked = true;
    announce();
    if (remember) { try { localStorage.setItem(KEY, code); } catch (error) { /* no storage, no memory */ } }
  }
  function remembered() { try { return localStorage.getItem(KEY); } catch (error) { return null; } }
  function follow() {
    var id = decodeURIComponent(location.hash.slice(1));
    var code = id.slice(0, 2);
    if (codes.indexOf(code) >= 0 && doc.getElementById(id)) {
      if (code !== current()) { show(code, false); }
      var target = doc.getElementById(id);
      for (var box = target; box; box = box.parentElement) { if (box.tagName === "DETAILS") { box.open = true; } }
      target.scrollIntoView();
    }
  }
  codes.forEach(function (code) {
    doc.getElementById("language-" + code).addEventListener("change", function () {
      var id = location.hash.slice(1);
      show(code, true);
      if (codes.indexOf(id.slice(0, 2)) >= 0 && doc.getElementById(code + id.slice(2))) {
        history.replaceState(null, "", "#" + code + id.slice(2));
      }
    });
  });
  if (codes.indexOf(remembered()) >= 0) { show(remembered(), false); }
  announce();
  follow();
  window.addEventListener("hashchange", follow);

  /* --- only tables that really scroll are stops for the keyboard --- */
  function stops() {
    Array.prototype.forEach.call(report(current()).querySelectorAll(".scroll"), function (box) {
      if (box.scrollWidth > box.clientWidth + 1) { box.setAttribute("tabindex", "0"); } else { box.removeAttribute("tabindex"); }
    });
  }
  window.addEventListener("resize", stops);
  doc.addEventListener("toggle", stops, true);
  codes.forEach(function (code) { doc.getElementById("language-" + code).addEventListener("change", stops); });
  stops();

  /* --- events on charts that were drawn anew --- */
  var events = doc.getElementById("events");
  function switchEvents() { doc.body.classList.toggle("without-events", !events.checked); }
  events.addEventListener("change", switchEvents);
  switchEvents();

  /* --- taking data and pictures along --- */
  function element(name, text, attributes) {
    var made = doc.createElement(name);
    if (text) { made.textContent = text; }
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    return made;
  }
  function save(blob, name) {
    var link = element("a", "", { download: name });
    link.href = URL.createObjectURL(blob);
    doc.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  }
  /* A cell that a spreadsheet would take for a formula is written with an apostrophe before it. */
  function csvCell(text) {
    var plain = text.replace(/\s+/g, " ").trim();
    if (/^[=+\-@\t\r]/.test(plain) && !/^[+-]?[\d.,]+%?$/.test(plain)) { plain = "'" + plain; }
    return '"' + plain.replace(/"/g, '""') + '"';
  }
  function csv(table) {
    return "\ufeff" + Array.prototype.map.call(table.rows, function (row) {
      return Array.prototype.map.call(row.cells, function (cell) { return csvCell(cell.textContent); }).join(",");
    }).join("\r\n") + "\r\n";
  }
  /* A text in lines that fit: full-width signs count one em, others 0.56 em, as in the charts themselves. */
  function lines(text, size, room) {
    var found = [], line = "", used = 0;
    text.replace(/\s+/g, " ").trim().split(/(?<= )|(?=[\u2e80-\uffef])/).forEach(function (part) {
      var width = 0;
      Array.prototype.forEach.call(part, function (sign) { width += sign.charCodeAt(0) >= 0x2e80 ? size : 0.56 * size; });
      if (used + width > room && line) { found.push(line); line = ""; used = 0; }
      line += part;
      used += width;
    });
    return line ? found.concat(line) : found;
  }
  /* The picture to take along: title, unit and source with the chart, always on white paper. */
  function picture(figure) {
    var shown = Array.prototype.find.call(figure.querySelectorAll(".picture"), function (one) {
      return one.offsetParent !== null;
    });
    var svg = shown.querySelector("svg").cloneNode(true), box = svg.viewBox.baseVal;
    var space = "http://www.w3.org/2000/svg", whole = doc.createElementNS(space, "svg"), y = 6;
    function set(node, attributes) {
      Object.keys(attributes).forEach(function (name) { node.setAttribute(name, attributes[name]); });
      return whole.appendChild(node);
    }
    function put(name, size, weight, colour) {
      var node = figure.querySelector(name);
      lines(node ? node.textContent : "", size, box.width - 16).forEach(function (text) {
        y += size * 1.35;
        var line = doc.createElementNS(space, "text");
        line.textContent = text;
        set(line, { x: 8, y: y, "font-size": size, "font-weight": weight, fill: "var(--" + colour + ")" });
      });
    }
    var paper = set(doc.createElementNS(space, "rect"), { fill: "var(--paper)", width: box.width });
    whole.appendChild(doc.querySelector(".patterns defs").cloneNode(true));
    put(".finding", 14, 600, "ink");
    put(".unit", 12, 400, "soft");
    set(svg, { y: y + 10, width: box.width, height: box.height });
    y += 10 + box.height;
    put(".source", 11, 400, "soft");
    if (!events.checked) {
      Array.prototype.forEach.call(svg.querySelectorAll('[class*="eventmark"]'), function (mark) { mark.remove(); });
    }
    y += 10;
    paper.setAttribute("height", y);
    Object.entries({
      xmlns: space, width: box.width, height: y, viewBox: "0 0 " + box.width + " " + y, "font-family": "system-ui, sans-serif"
    }).forEach(function (pair) { whole.setAttribute(pair[0], pair[1]); });
    var light = JSON.parse(doc.querySelector(".patterns").dataset.light);
    var text = new XMLSerializer().serializeToString(whole);
    return {
      width: box.width, height: y,
      text: text.replace(/var\(--([a-z-]+)\)/g, function (all, name) { return light[name] || "none"; })
    };
  }
  function saveSvg(figure) {
    save(new Blob([picture(figure).text], { type: "image/svg+xml" }), figure.dataset.name + ".svg");
  }
  function savePng(figure) {
    var drawn = picture(figure), image = new Image(), canvas = element("canvas");
    canvas.width = drawn.width * 2;
    canvas.height = drawn.height * 2;
    image.onload = function () {
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (blob) { save(blob, figure.dataset.name + ".png"); });
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(drawn.text);
  }
  function saveCsv(figure) {
    save(new Blob([csv(figure.querySelector("details.data table"))], { type: "text/csv;charset=utf-8" }), figure.dataset.name + ".csv");
  }
  Array.prototype.forEach.call(doc.querySelectorAll("details.data"), function (details) {
    details.addEventListener("toggle", function () {
      if (!details.open || details.querySelector(".tools")) { return; }
      var figure = details.parentElement, tools = element("p", "", { "class": "tools" });
      [["csv", saveCsv], ["svg", saveSvg], ["png", savePng]].forEach(function (pair) {
        var button = element("button", word(pair[0]), { type: "button", "data-save": pair[0] });
        button.addEventListener("click", function () { pair[1](figure); });
        tools.appendChild(button);
      });
      details.insertBefore(tools, details.children[1]);
    });
  });

  /* --- charts come alive when they are seen --- */
  var ready = null;
  function program() {
    if (!ready) {
      ready = new Promise(function (resolve) {
        var kept = doc.getElementById("vega"), made = element("script");
        made.textContent = kept.textContent;
        doc.head.appendChild(made);
        resolve(window.vegaEmbed);
      });
    }
    return ready;
  }
  function noLoading() { return Promise.reject(new Error("offline")); }
  function enliven(box) {
    var kept = box.querySelector("script[type='application/json']");
    if (!kept || box.dataset.alive) { return; }
    box.dataset.alive = "1";
    program().then(function (embed) {
      var made = element("div");
      return embed(made, JSON.parse(kept.textContent), {
        mode: "vega-lite", renderer: "svg", ast: true, actions: false, hover: false,
        loader: { load: noLoading, sanitize: noLoading, http: noLoading, file: noLoading },
        tooltip: { disableDefaultStyle: true, id: "vg-tooltip-element" }
      }).then(function () {
        var still = box.querySelector("svg"), alive = made.querySelector("svg");
        if (!alive) { return; }
        alive.setAttribute("aria-hidden", "true");
        alive.setAttribute("focusable", "false");
        var holder = element("div", "", { "class": "alive" });
        holder.appendChild(made);
        box.replaceChild(holder, still);
      });
    }).catch(function () { box.dataset.alive = "failed"; });
  }
  if ("IntersectionObserver" in window && doc.getElementById("vega").textContent.length > 1000) {
    var watcher = new IntersectionObserver(function (seen) {
      seen.forEach(function (one) {
        if (one.isIntersecting) { watcher.unobserve(one.target); enliven(one.target); }
      });
    });
    Array.prototype.forEach.call(doc.querySelectorAll(".picture"), function (box) { watcher.observe(box); });
  }

  /* --- where a number comes from, without leaving the place --- */
  var card = null, asked = null;
  function closeCard() {
    if (card) { card.remove(); card = null; }
    if (asked) { asked.focus(); asked = null; }
  }
  function described(target) {
    var list = element("dl");
    function pair(name, node) {
      var value = element("dd");
      Array.prototype.forEach.call(node.childNodes, function (child) { value.appendChild(child.cloneNode(true)); });
      if (name) { list.appendChild(element("dt", name)); }
      list.appendChild(value);
    }
    if (target.tagName === "TR") {
      var heads = target.closest("table").tHead.rows[0].cells;
      Array.prototype.forEach.call(target.cells, function (cell, index) { pair(heads[index].textContent, cell); });
      return list;
    }
    var copy = target.cloneNode(true);
    copy.removeAttribute("id");
    var outer = element("dl", "", { "class": "derived" });
    outer.appendChild(copy);
    return outer;
  }
  function openCard(link, target) {
    closeCard();
    asked = link;
    card = element("div", "", { "class": "card", role: "dialog", "aria-label": word("entry"), tabindex: "-1" });
    card.appendChild(described(target));
    var tools = element("p", "", { "class": "tools" });
    var go = element("button", word("entry"), { type: "button" });
    go.addEventListener("click", function () { asked = null; closeCard(); location.hash = target.id; follow(); });
    var close = element("button", word("close"), { type: "button" });
    close.addEventListener("click", closeCard);
    tools.appendChild(go);
    tools.appendChild(close);
    card.appendChild(tools);
    report(current()).appendChild(card);
    card.focus();
  }
  doc.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a.figure, .card a.entry") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    var target = doc.getElementById(link.getAttribute("href").slice(1));
    if (!target || target.closest(".card")) { return; }
    event.preventDefault();
    openCard(link, target);
  });
  doc.addEventListener("keydown", function (event) { if (event.key === "Escape") { closeCard(); } });

  /* --- print: what is folded is printed, the data tables are in the workbook --- */
  window.addEventListener("beforeprint", function () {
    Array.prototype.forEach.call(doc.querySelectorAll("details.fold"), function (fold) { fold.open = true; });
  });
})();
