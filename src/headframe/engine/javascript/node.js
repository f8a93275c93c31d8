/* Runs a model's script in node for `headframe.engine.javascript.node`: arrays come and go as plain bytes.
   `given.json` says where each array lies in `given.bin`; what is computed goes to `found.bin`. */
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const folder = process.argv[2];
const request = JSON.parse(fs.readFileSync(path.join(folder, "given.json"), "utf8"));
const raw = fs.readFileSync(path.join(folder, "given.bin"));
const bytes = raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength);
const KINDS = { f8: Float64Array, i4: Int32Array, u1: Uint8Array };

function array(name) {
  const entry = request.arrays[name];
  return new KINDS[entry.kind](bytes, entry.start, entry.length);
}

function inputs(prefix) {
  return {
    horizon: request.horizon,
    runs: request.runs,
    parameters: array(prefix + "parameters"),
    paths: array(prefix + "paths"),
    pathSet: array(prefix + "path_set"),
    events: {
      offsets: array(prefix + "offsets"),
      rows: array(prefix + "rows"),
      starts: array(prefix + "starts"),
      ends: array(prefix + "ends"),
      amounts: array(prefix + "amounts"),
    },
  };
}

vm.runInThisContext(fs.readFileSync(path.join(folder, "model.js"), "utf8"), { filename: "model.js" });
const given = Object.assign(inputs("own_"), { cuts: array("own_cuts") });
if (request.base) { given.base = inputs("base_"); }
let found = null, least = Infinity;
for (let repeat = 0; repeat < request.repeats; repeat += 1) {
  const began = process.hrtime.bigint();
  found = globalThis.headframeModel.ensemble(given);
  least = Math.min(least, Number(process.hrtime.bigint() - began) / 1e9);
}
const parts = [Float64Array.of(least), found.values, found.failedStep, found.failedBound];
const blocks = parts.map(function (part) { return Buffer.from(part.buffer, part.byteOffset, part.byteLength); });
fs.writeFileSync(path.join(folder, "found.bin"), Buffer.concat(blocks));
