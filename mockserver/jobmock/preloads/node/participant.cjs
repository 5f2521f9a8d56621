"use strict";
// This process among those that share the clock: finds out when it only waits, and says so to the server.

const path = require("node:path");
const blockingChildren = require("./blocking_children.cjs");
const clock = require("./clock.cjs");
const connections = require("./connections.cjs");
const real = require("./real.cjs");
const realWork = require("./real_work.cjs");
const requests = require("./requests.cjs");
const schedule = require("./schedule.cjs");
const settings = require("./settings.cjs");
const threadWork = require("./thread_work.cjs");
const { ControlConnection } = require("./control_connection.cjs");
const { fail } = require("./failure.cjs");

/** Turns of the loop in which nothing happens before the process counts as idle. */
const QUIET_TURNS = 2;
/** Real milliseconds: for the mock's answer to a request, at most between looks at real work, before an idle process
 * leaves, and before a connection of a busy process is named to the server. */
const ANSWER_GRACE = 1;
const LONGEST_PAUSE = 20;
const LEAVE_AFTER = 100;
const NAME_AFTER = 100;

const name = ["node", ...process.argv.slice(1, 2).map((file) => path.basename(file))].join(" ");
/** Keeps the process alive while a virtual timer does. */
const keepAlive = real.setTimeout(() => keepAlive.refresh(), 2 ** 30).unref();

/** Ends the moment that the mock has for its answer. */
const graceEnd = real.setTimeout(() => isGraced && endGrace(), ANSWER_GRACE).unref();

/** The connection to the clock, while the process takes part. */
let control = null;
let membership = "alone"; // then "joining", "joined", and "left" while the process waits for neither clock nor mock
let connects = [];
let unnamed = [];
let outstanding = null;
let quietTurns = -1;
let isGraced = false;
let pause = ANSWER_GRACE;
let workSince = null;
let later = null;

/** Take part before a connection to the mock is made. */
function beforeConnect(connect) {
  if (membership === "joined") return connect();
  connects.push(connect);
  join();
}

/** Join the processes that share the clock. */
function join() {
  if (membership === "joining") return;
  membership = "joining";
  keepAlive.ref();
  connections.state.awaitsTime = true;
  control = new ControlConnection(settings.timeUrl, settings.key, (reason) => {
    fail(`the clock of ${settings.timeUrl.host} can't be reached: ${reason}`);
  });
  control.send("join", { name, pid: process.pid, now: Math.floor(clock.read()) }, ({ start, now }) => {
    clock.setStart(start);
    if (schedule.state.isVirtual) schedule.shiftNewest(now - clock.read());
    moveTo(now);
    if (!schedule.state.isVirtual) schedule.becomeVirtual();
    membership = "joined";
    const ready = connects;
    connects = [];
    for (const connect of ready) connect();
    connections.handleArrived();
    touch();
  });
}

/** Name a new connection to the mock as one of this process, unless a wait does so before. */
function onConnected(port) {
  unnamed.push(port);
  if (unnamed.length > 1) return;
  real.setTimeout(() => {
    if (membership !== "joined") return;
    for (const port of unnamed.splice(0)) control.send("claim", { port });
  }, NAME_AFTER).unref();
}

/** Set the clock to the server's reading, and fire what is due. */
function moveTo(now) {
  clock.advance(now);
  workSince = null;
  process.env.JOBMOCK_TIME_NOW = String(now);
  schedule.fireDue();
}

/** Give the mock a moment to answer a request, in which nothing is looked at: it nearly always answers at once. */
function grace() {
  isGraced = membership === "joined";
  graceEnd.refresh();
  touch();
}

/** Look again, as the moment is over or something was received. */
function endGrace() {
  isGraced = false;
  touch();
}

/** Note that something has happened: look from now on whether the process is idle. */
function touch() {
  if (isGraced) return;
  if (membership === "joined" && quietTurns < 0) real.setImmediate(turn);
  if (membership === "left" && hasWait()) join();
  quietTurns = membership === "joined" ? 0 : -1;
}

/** Count a turn of the loop. */
function turn() {
  if (membership !== "joined" || isGraced) {
    quietTurns = -1;
    return;
  }
  quietTurns += 1;
  if (quietTurns < QUIET_TURNS) {
    real.setImmediate(turn);
    return;
  }
  quietTurns = -1;
  decide();
}

/** Return whether an answer to a request is awaited. */
function isInFlight() {
  return requests.any() || connections.awaitsMock();
}

/** Return whether the process waits for the clock or for the mock. */
function hasWait() {
  return schedule.timers.refed > 0 || schedule.state.firing > 0 || isInFlight();
}

/** Return the reading at which the next timer fires; null if there is none. */
function nextReading() {
  const queues = [schedule.timers, schedule.limits, ...(isInFlight() ? [schedule.followers] : [])];
  const readings = queues.filter((queue) => queue.first !== undefined).map((queue) => queue.first.due);
  return readings.length === 0 ? null : Math.min(...readings);
}

/** Decide what to do after the process was quiet: wait, look again, or leave. */
function decide() {
  real.clearTimeout(later);
  keepAlive[schedule.keepsAlive() || connections.hasArrived() ? "ref" : "unref"]();
  if (schedule.state.firing > 0 || connections.hasArrived() || schedule.fireLimit()) return;
  const isWorking = realWork.isGoingOn();
  if (!hasWait() && !isWorking) return lookLater(LEAVE_AFTER, leaveIfIdle);
  if (isWorking || realWork.hasChild()) {
    if (!keepsPace()) {
      withdraw();
      return lookLater((pause = Math.min(pause * 2, LONGEST_PAUSE)));
    }
  } else {
    workSince = null;
    pause = ANSWER_GRACE;
  }
  wait(nextReading());
}

/** Return whether the next timer has waited for as long in real time as it waits by the clock. */
function keepsPace() {
  const instant = real.performanceNow();
  workSince ??= instant;
  const next = nextReading();
  return next !== null && (next - clock.read()) / clock.MILLISECOND <= instant - workSince;
}

/** Do something after some real milliseconds, unless something happens before. */
function lookLater(milliseconds, action = decide) {
  later = real.setTimeout(() => membership === "joined" && quietTurns < 0 && action(), milliseconds).unref();
}

/** Leave if what this process waits for comes neither from the clock nor from the mock. */
function leaveIfIdle() {
  if (hasWait() || realWork.isGoingOn()) decide();
  else leave();
}

/** Leave the processes that share the clock. */
function leave() {
  if (membership !== "joined") return;
  membership = "left";
  outstanding = null;
  connections.state.awaitsTime = false;
  control.close();
  control = null;
  schedule.markNewest();
}

/** Say to the server that this process waits. A real event may give it work meanwhile, so look again.
 * There is one wait at a time: the answer to an older one could cross a newer one. */
function wait(until) {
  lookLater(LONGEST_PAUSE);
  const members = { until, ...connections.counts() };
  const text = JSON.stringify(members);
  if (outstanding !== null) {
    if (outstanding.text !== text) withdraw();
    return;
  }
  const request = { text, isWithdrawn: false };
  outstanding = request;
  unnamed = [];
  connections.state.awaitsTime = true;
  control.send("wait", { ...members, closed: connections.takeClosed() }, ({ now }) => {
    outstanding = null;
    moveTo(now);
    touch();
    connections.handleArrived();
  });
}

/** End the wait, as it isn't what this process waits for any more. Its answer may be on its way already. */
function withdraw() {
  if (outstanding === null || outstanding.isWithdrawn) return;
  outstanding.isWithdrawn = true;
  control.send("withdraw");
}

/** Take part from the first connection to the mock on. */
function install() {
  schedule.state.onChange = touch;
  connections.state.onActivity = endGrace;
  connections.state.onSent = grace;
  connections.state.onArrived = () => keepAlive.ref(); // until the process is quiet again
  connections.state.beforeConnect = beforeConnect;
  connections.state.onConnected = onConnected;
  requests.install(touch);
  threadWork.install();
  blockingChildren.install(() => {
    leave();
    if (hasWait()) real.setImmediate(touch);
  });
}

module.exports = { install };
