/* A model as one script: for a page, for a worker, and for node; it needs nothing else and makes no request.
   It leaves one name behind, `globalThis.headframeModel`, with

   layout          what lies where: names, shapes and first rows of all that goes in and comes out
   points(horizon) the times at which paths are given
   ensemble(given) computes runs one after the other, each as if it were alone
   run(given)      the same for one run

   horizon: {start, steps, stepsPerYear, recordEvery}. given: {horizon, parameters, paths, events, cuts, base}, of which
   all but the first two may be left out where they are not needed: parameters (runs, rows), paths (sets, points, rows)
   with pathSet (runs), events {offsets (runs + 1), rows, starts, ends, amounts}, cuts (runs, switches), and base with
   what the run without cuts is given instead, all of them typed arrays in C order. What comes back: times, values
   (runs, records, numbers), failedStep and failedBound (-1 where no bound was broken).

   The order of a run is that of headframe.engine.runs; the phases are those of headframe.engine.lowering.program. */
globalThis.headframeModel = (function () {
  "use strict";
  const layout = JSON.parse(/*{layout}*/"{}");
  const machine = JSON.parse(/*{machine}*/"{}");
  const rows = machine.rows, first = machine.first;
  const memory = new Float64Array(machine.memory);
  const tables = new Int32Array(machine.tables);
  const STATE = first.state, RATES = first.rates, PATHS = first.paths, EVENTS = first.events;
  const BASES = first.bases, KEPT = first.kept, SUMS = first.sums, START = first.start, TOTAL = first.total;
  const TIME = first.clock, STEP = TIME + 1;
  const outcomes = machine.outcomes, bounds = machine.bounds, renewed = machine.renewed;
  const numbers = outcomes.reduce(function (sum, outcome) { return sum + outcome.size; }, 0);
  const perStep = layout.pointsPerStep;
  memory.set(machine.constants, first.constants);

  /* What the run in progress reads; set by `begin`, so that a step allocates nothing. */
  let times = new Float64Array(1);
  let paths = times, pathStart = 0;
  let eventRows = new Int32Array(0), eventStarts = times, eventEnds = times, eventAmounts = times;
  let firstEvent = 0, lastEvent = 0;
  let kept = new Float64Array(0), evaluation = 0, keeping = false, replaying = false;
  let failedStep = -1, failedBound = -1;

  /* As everywhere but in JavaScript, 1 to any power is 1, even to NaN. The phases take exp(y log x) where that is
     right to some units of the last place, as it is twice as fast. */
  function power(x, y) {
    return x === 1 || (x === -1 && (y === Infinity || y === -Infinity)) ? 1 : x ** y;
  }

  /*{phases}*/

  function copy(target, source, count) {
    for (let row = 0; row < count; row += 1) { memory[target + row] = memory[source + row]; }
  }

  /* target = source + weight * length of the step * change */
  function move(target, source, change, weight, count) {
    const factor = weight * memory[STEP];
    for (let row = 0; row < count; row += 1) {
      memory[target + row] = memory[source + row] + factor * memory[change + row];
    }
  }

  function add(target, change, weight, count) {
    for (let row = 0; row < count; row += 1) { memory[target + row] += weight * memory[change + row]; }
  }

  function look(point) {
    const from = pathStart + point * rows.paths, time = times[point];
    memory[TIME] = time;
    for (let row = 0; row < rows.paths; row += 1) { memory[PATHS + row] = paths[from + row]; }
    for (let row = 0; row < rows.events; row += 1) { memory[EVENTS + row] = 0; }
    for (let entry = firstEvent; entry < lastEvent; entry += 1) {
      if (eventStarts[entry] <= time && time < eventEnds[entry]) {
        memory[EVENTS + eventRows[entry]] += eventAmounts[entry];
      }
    }
  }

  function evaluate(phase, point) {
    const place = evaluation * rows.bases;
    look(point);
    if (replaying) {
      for (let row = 0; row < rows.bases; row += 1) { memory[BASES + row] = kept[place + row]; }
    }
    phase();
    if (keeping) {
      for (let row = 0; row < rows.bases; row += 1) { kept[place + row] = memory[KEPT + row]; }
    }
    evaluation += 1;
  }

  function check(step) {
    for (let index = 0; index < bounds.length; index += 1) {
      const bound = bounds[index], low = bound.low, high = bound.high, end = bound.start + bound.size;
      for (let row = bound.start; row < end; row += 1) {
        if (!(memory[row] >= low && memory[row] <= high)) { /* also for no number */
          failedStep = step;
          failedBound = index;
          return;
        }
      }
    }
  }

  function record(values, place, steps) {
    let column = place, sums = SUMS;
    for (let index = 0; index < outcomes.length; index += 1) {
      const outcome = outcomes[index];
      for (let row = 0; row < outcome.size; row += 1) {
        values[column + row] = outcome.mean ? (steps ? memory[sums + row] / steps : NaN) : memory[outcome.start + row];
      }
      if (outcome.mean) {
        memory.fill(0, sums, sums + outcome.size);
        sums += outcome.size;
      }
      column += outcome.size;
    }
  }

  function addMeans() {
    let sums = SUMS;
    for (let index = 0; index < outcomes.length; index += 1) {
      const outcome = outcomes[index];
      if (outcome.mean) {
        for (let row = 0; row < outcome.size; row += 1) { memory[sums + row] += memory[outcome.start + row]; }
        sums += outcome.size;
      }
    }
  }

  function euler() { move(STATE, STATE, RATES, 1, rows.state); }

  function rungeKutta(point) {
    copy(START, STATE, rows.state);
    copy(TOTAL, RATES, rows.state);
    for (let stage = 1; stage < 4; stage += 1) {
      move(STATE, START, RATES, stage < 3 ? 0.5 : 1, rows.state);
      evaluate(rates, point + (stage < 3 ? 1 : 2));
      add(TOTAL, RATES, stage < 3 ? 2 : 1, rows.state);
    }
    move(STATE, START, TOTAL, 1 / 6, rows.state);
  }

  /* One pass through the horizon; `values` is null where only the bases are wanted. */
  function pass(horizon, values, place) {
    const every = horizon.recordEvery;
    let column = place;
    memory.fill(0, BASES, BASES + rows.bases);
    memory.fill(0, SUMS, SUMS + rows.sums);
    failedStep = failedBound = -1;
    evaluation = 0;
    look(0);
    fixed();
    initial();
    for (let step = 0; ; step += 1) {
      const point = step * perStep;
      evaluate(rates, point);
      if (values !== null) {
        checks();
        if (failedStep < 0) { check(step); }
        if (step % every === 0) {
          records();
          record(values, column, step ? every : 0);
          column += numbers;
        }
      }
      if (step === horizon.steps) { return; }
      if (values !== null) { addMeans(); }
      if (perStep === 1) { euler(); } else { rungeKutta(point); }
      if ((step + 1) % horizon.stepsPerYear === 0 && renewed.length > 0) {
        evaluate(yearly, point + perStep);
        for (let index = 0; index < renewed.length; index += 1) {
          copy(STATE + renewed[index].start, RATES + renewed[index].start, renewed[index].size);
        }
      }
    }
  }

  function begin(given, run, cuts) {
    const parameters = given.parameters, events = given.events, sets = given.pathSet;
    for (let row = 0; row < rows.parameters; row += 1) {
      memory[first.parameters + row] = parameters[run * rows.parameters + row];
    }
    for (let row = 0; row < rows.switches; row += 1) {
      memory[first.switches + row] = cuts && cuts[run * rows.switches + row] ? 1 : 0;
    }
    paths = given.paths || paths;
    pathStart = (sets ? sets[run] : 0) * times.length * rows.paths;
    firstEvent = lastEvent = 0;
    if (events) {
      eventRows = events.rows;
      eventStarts = events.starts;
      eventEnds = events.ends;
      eventAmounts = events.amounts;
      firstEvent = events.offsets ? events.offsets[run] : 0;
      lastEvent = events.offsets ? events.offsets[run + 1] : eventRows.length;
    }
  }

  function anyCut(cuts, run) {
    for (let row = 0; cuts && row < rows.switches; row += 1) {
      if (cuts[run * rows.switches + row]) { return true; }
    }
    return false;
  }

  function points(horizon) {
    const perYear = horizon.stepsPerYear * perStep, count = horizon.steps * perStep + 1;
    return Float64Array.from({ length: count }, function (_, point) { return horizon.start + point / perYear; });
  }

  /* Arrays that are too short would be read as missing numbers: say so instead. */
  function need(array, size, name) {
    if (size > 0 && (!array || array.length < size)) { throw new RangeError(name + " < " + size); }
  }

  function checked(given, count) {
    const sets = given.pathSet ? given.pathSet.reduce(function (a, b) { return Math.max(a, b); }, 0) + 1 : 1;
    need(given.parameters, count * rows.parameters, "parameters");
    need(given.paths, sets * times.length * rows.paths, "paths");
  }

  function ensemble(given) {
    const horizon = given.horizon, records = Math.floor(horizon.steps / horizon.recordEvery) + 1;
    const count = given.runs || (rows.parameters ? given.parameters.length / rows.parameters : 1);
    const base = Object.assign({}, given, given.base || {});
    const values = new Float64Array(count * records * numbers);
    const steps = new Int32Array(count), codes = new Int32Array(count);
    times = points(horizon);
    memory[STEP] = 1 / horizon.stepsPerYear;
    checked(given, count);
    checked(base, count);
    const yearsEnded = Math.floor(horizon.steps / horizon.stepsPerYear);
    const history = (horizon.steps * (perStep === 1 ? 1 : 4) + 1 + yearsEnded) * rows.bases;
    for (let run = 0; run < count; run += 1) {
      replaying = anyCut(given.cuts, run);
      if (replaying) {
        kept = kept.length < history ? new Float64Array(history) : kept;
        keeping = true;
        replaying = false;
        begin(base, run, null);
        pass(horizon, null, 0);
        keeping = false;
        replaying = true;
      }
      begin(given, run, given.cuts);
      pass(horizon, values, run * records * numbers);
      steps[run] = failedStep;
      codes[run] = failedBound;
    }
    const recorded = Float64Array.from({ length: records }, function (_, index) {
      return horizon.start + index * horizon.recordEvery / horizon.stepsPerYear;
    });
    return { times: recorded, values: values, failedStep: steps, failedBound: codes };
  }

  function run(given) {
    const found = ensemble(Object.assign({}, given, { runs: 1 }));
    return {
      times: found.times, values: found.values, failedStep: found.failedStep[0], failedBound: found.failedBound[0],
    };
  }

  return { layout: layout, points: points, ensemble: ensemble, run: run };
})();
