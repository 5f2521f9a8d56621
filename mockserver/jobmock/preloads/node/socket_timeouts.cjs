"use strict";
// The timeouts of sockets, and so those of `node:http`: Node starts them again whenever the socket is active.

const net = require("node:net");
const real = require("./real.cjs");
const { Timeout } = require("./timeout.cjs");

const LONGEST = 2 ** 31 - 1;

/** Return the symbol under which a socket keeps its timer. */
function findTimerSymbol() {
  const socket = new net.Socket();
  real.socketSetTimeout.call(socket, 1000);
  const symbols = [...Object.getOwnPropertySymbols(socket), ...Object.getOwnPropertySymbols(net.Socket.prototype)];
  const symbol = symbols.find((candidate) => socket[candidate]?._idleTimeout === 1000);
  socket.destroy();
  return symbol;
}

/** Replace `net.Socket.prototype.setTimeout`. */
function install() {
  const timerSymbol = findTimerSymbol();
  if (timerSymbol === undefined) return;
  net.Socket.prototype.setTimeout = function setTimeout(delay, callback) {
    const isLegal = typeof delay === "number" && delay > 0 && delay <= LONGEST;
    const hasCallback = typeof callback === "function";
    const isOurs = isLegal && (callback === undefined || hasCallback) && !this.destroyed;
    if (!isOurs) return real.socketSetTimeout.call(this, delay, callback);
    this.timeout = delay;
    this[timerSymbol]?.close();
    this[timerSymbol] = new Timeout(this._onTimeout.bind(this), delay, { refed: false, kind: "limit" });
    if (hasCallback) this.once("timeout", callback);
    return this;
  };
}

module.exports = { install };
