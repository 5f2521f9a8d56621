"use strict";
// The connections that this process opens: to the mock, and to other servers.

const net = require("node:net");
const { Readable } = require("node:stream");
const hosts = require("./hosts.cjs");
const real = require("./real.cjs");
const { OWN } = require("./control_connection.cjs");

const CONNECTION = Symbol("jobmock.connection");
const socketWriteGeneric = net.Socket.prototype._writeGeneric;
const socketDestroy = net.Socket.prototype.destroy;
const readablePush = Readable.prototype.push;

/** Open connections, and what was written on those to the mock. */
const toMock = new Set();
const toOthers = new Set();
/** The ports of connections to the mock that have been closed since the server was last told. */
const closedPorts = [];
const state = {
  /** Whether the server is about to say the time. What arrives meanwhile is handled after that. */
  awaitsTime: false,
  /** Called after something was sent to the mock. */
  onSent: () => {},
  /** Called after something was received, or sent to another server. */
  onActivity: () => {},
  /** Called when something has arrived that is handled later. */
  onArrived: () => {},
  /** Called before a connection to the mock is made, with the function that makes it. */
  beforeConnect: (connect) => connect(),
  /** Called after a connection to the mock was made, with its port on this side. */
  onConnected: () => {},
};

/** One connection. */
class Connection {
  constructor(socket, isMock) {
    this.socket = socket;
    this.isMock = isMock;
    this.port = undefined;
    /** Whether anything was written since something was last received. */
    this.isWaiting = false;
    /** What has arrived, and isn't handled yet. */
    this.arrived = [];
    const open = isMock ? toMock : toOthers;
    socket[CONNECTION] = this;
    open.add(this);
    socket.once("close", () => {
      open.delete(this);
      if (this.port !== undefined) closedPorts.push(this.port);
      state.onActivity();
    });
    if (isMock) socket.once("connect", () => state.onConnected((this.port = socket.localPort)));
  }

  wrote() {
    this.isWaiting = true;
    if (this.isMock) state.onSent();
    else state.onActivity();
  }

  received() {
    this.isWaiting = false;
    state.onActivity();
  }

  /** Whether it keeps the process alive. */
  get isRefed() {
    return this.socket._handle?.hasRef?.() ?? true;
  }

  /** Handle what has arrived: now, or once the time is known at which it did. */
  arrive(handle) {
    if (!this.isMock || !(state.awaitsTime || this.arrived.length > 0)) return handle();
    this.arrived.push(handle);
    state.onArrived();
    return true;
  }

  /** Handle what has arrived until now. */
  handleArrived() {
    const handles = this.arrived;
    this.arrived = [];
    for (const handle of handles) handle();
  }

  /** The number of bytes written on the wire, those of TLS included. */
  get written() {
    return (this.socket._handle?._parent ?? this.socket).bytesWritten ?? null;
  }

  /** The number of bytes read from the wire, those of TLS included. */
  get read() {
    return (this.socket._handle?._parent ?? this.socket).bytesRead ?? null;
  }
}

/** Connect to where the connection should go. */
function connect(...args) {
  if (this[OWN]) return real.socketConnect.apply(this, args);
  const normalized = Array.isArray(args[0]) ? args[0] : net._normalizeArgs(args);
  let route;
  try {
    route = hosts.route(normalized[0]);
  } catch (error) {
    process.nextTick(() => this.destroy(error));
    return this;
  }
  normalized[0] = route.options;
  new Connection(this, route.isMock);
  if (!route.isMock) return real.socketConnect.call(this, normalized);
  this.connecting = true;
  state.beforeConnect(() => {
    if (!this.destroyed) real.socketConnect.call(this, normalized);
  });
  return this;
}

/** Return what was sent and read on each connection to the mock, by its port here. */
function counts() {
  const sent = {};
  const read = {};
  for (const connection of toMock) {
    if (connection.port === undefined) continue;
    sent[connection.port] = connection.written;
    read[connection.port] = connection.read;
  }
  return { sent, read };
}

/** Return the ports of connections that have been closed since the last call. */
function takeClosed() {
  return closedPorts.splice(0);
}

/** Return whether an answer of the mock is awaited. */
function awaitsMock() {
  return isAnyWaiting(toMock);
}

/** Return whether anything has arrived that waits for the server to say the time. */
function hasArrived() {
  for (const { arrived } of toMock) if (arrived.length > 0) return true;
  return false;
}

/** Return whether an answer of another server is awaited. For an unref'd connection Node itself doesn't wait: it may
 * be one on which no answer comes, such as that of tsx to its parent. */
function awaitsOthers() {
  return isAnyWaiting([...toOthers].filter(({ isRefed }) => isRefed));
}

/** Return whether anything was written on one of the connections since it last received something. */
function isAnyWaiting(connections) {
  for (const { isWaiting } of connections) if (isWaiting) return true;
  return false;
}

/** Handle what has arrived on all connections while the server was about to say the time. */
function handleArrived() {
  state.awaitsTime = false;
  for (const connection of [...toMock]) connection.handleArrived();
}

/** Take a part of an answer, or its end. */
function push(...args) {
  const connection = this[CONNECTION];
  if (connection === undefined) return readablePush.apply(this, args);
  connection.received();
  return connection.arrive(() => {
    if (this.destroyed) return false;
    const goesOn = readablePush.apply(this, args);
    if (args[0] === null) this.read(0);
    return goesOn;
  });
}

/** End a connection. An error of the other side is handled like an answer. */
function destroy(...args) {
  const connection = this[CONNECTION];
  if (connection === undefined || args[0]?.syscall !== "read") return socketDestroy.apply(this, args);
  connection.arrive(() => socketDestroy.apply(this, args));
  return this;
}

/** Send a part of a request. */
function writeGeneric(...args) {
  this[CONNECTION]?.wrote();
  return socketWriteGeneric.apply(this, args);
}

/** Watch all sockets. */
function install() {
  Object.assign(net.Socket.prototype, { connect, push, destroy, _writeGeneric: writeGeneric });
}

module.exports = { state, install, handleArrived, hasArrived, counts, takeClosed, awaitsMock, awaitsOthers };
