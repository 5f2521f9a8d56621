"use strict";
// Connections for control calls: plain HTTP/1.1 over sockets of our own, which don't keep the process alive.

const net = require("node:net");
const real = require("./real.cjs");

const HEAD_END = "\r\n\r\n";
const NOT_ASCII = /[^\0-\x7f]/g;
/** Marks the preload's own sockets. */
const OWN = Symbol("jobmock");

/** One connection. It carries one call at a time. */
class ControlConnection {
  constructor(url, key, onError) {
    this.url = url;
    this.key = key;
    this.onError = onError;
    this.onAnswer = null;
    this.received = "";
    this.socket = new net.Socket();
    this.socket[OWN] = true;
    real.socketConnect.call(this.socket, { port: Number(url.port), host: url.hostname, noDelay: true });
    this.socket.setEncoding("utf8");
    this.socket.on("data", (text) => this.read(text));
    this.socket.on("error", (error) => this.onError(error.message));
    this.socket.on("close", () => this.isBusy && this.onError("it closed the connection"));
    this.socket.unref();
  }

  get isBusy() {
    return this.onAnswer !== null;
  }

  /** Send a call. The function gets its answer. */
  send(name, text, onAnswer) {
    const body = text.replace(NOT_ASCII, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
    this.onAnswer = onAnswer;
    this.socket.write(
      `POST ${this.url.pathname}/${name} HTTP/1.1\r\nHost: ${this.url.host}\r\nAuthorization: Bearer ${this.key}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      "latin1",
    );
  }

  /** Take a part of an answer. */
  read(text) {
    this.received += text;
    const headEnd = this.received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.received.slice(0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const body = this.received.slice(headEnd + HEAD_END.length);
    if (Buffer.byteLength(body) < length) return;
    this.received = "";
    const { onAnswer } = this;
    this.onAnswer = null;
    if (/^HTTP\/1\.[01] 200 /.test(head)) onAnswer(JSON.parse(body));
    else this.onError(`it answered ${head.slice(9, 12)}: ${body}`);
  }

  /** Close the connection; nobody waits for its answer any more. */
  close() {
    this.onAnswer = null;
    this.onError = () => {};
    this.socket.destroy();
  }
}

/** The connections of this process. */
class ControlConnections {
  constructor(url, key, onError) {
    this.url = url;
    this.key = key;
    this.onError = onError;
    this.open = [];
  }

  /** Send a call on a connection that is free, or on a new one. */
  send(name, body, onAnswer) {
    let connection = this.open.find((candidate) => !candidate.isBusy);
    if (connection === undefined) {
      connection = new ControlConnection(this.url, this.key, this.onError);
      this.open.push(connection);
    }
    connection.send(name, body, onAnswer);
  }

  /** Close all of them. */
  close() {
    for (const connection of this.open) connection.close();
    this.open = [];
  }
}

module.exports = { ControlConnections, OWN };
