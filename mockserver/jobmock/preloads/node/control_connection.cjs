"use strict";
// The connection by which this process shares the clock: a line of JSON for each call, and one for each answer.

const net = require("node:net");
const real = require("./real.cjs");

const PROTOCOL = "jobmock-clock";
const HEAD_END = "\r\n\r\n";
/** Marks the preload's own sockets. */
const OWN = Symbol("jobmock");

/** One connection. It doesn't keep the process alive. */
class ControlConnection {
  constructor(url, key, onError) {
    this.onError = onError;
    /** The functions that get the next answers, in the order of the calls. */
    this.onAnswers = [];
    /** What is sent once the server has switched to the protocol; null after that. */
    this.unsent = "";
    this.received = "";
    this.socket = new net.Socket();
    this.socket[OWN] = true;
    real.socketConnect.call(this.socket, { port: Number(url.port), host: url.hostname, noDelay: true });
    this.socket.setEncoding("utf8");
    this.socket.on("data", (text) => this.read(text));
    this.socket.on("error", (error) => this.onError(error.message));
    this.socket.on("close", () => this.onAnswers.length > 0 && this.onError("it closed the connection"));
    this.socket.unref();
    this.socket.write(
      `GET ${url.pathname}/share HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${key}\r\n` +
        `Connection: Upgrade\r\nUpgrade: ${PROTOCOL}\r\n\r\n`,
    );
  }

  /** Make a call. If it has an answer, the function gets it. */
  send(call, members, onAnswer = null) {
    if (onAnswer !== null) this.onAnswers.push(onAnswer);
    const line = `${JSON.stringify({ call, ...members })}\n`;
    if (this.unsent === null) this.socket.write(line);
    else this.unsent += line;
  }

  /** Take a part of what the server sends. */
  read(text) {
    this.received += text;
    if (this.unsent !== null && !this.begin()) return;
    for (let end; (end = this.received.indexOf("\n")) >= 0; ) {
      const line = this.received.slice(0, end);
      this.received = this.received.slice(end + 1);
      this.take(JSON.parse(line));
    }
  }

  /** Begin with calls if the server has answered the offer. Returns whether it has taken it. */
  begin() {
    const headEnd = this.received.indexOf(HEAD_END);
    if (headEnd < 0) return false;
    if (!/^HTTP\/1\.1 101 /.test(this.received)) {
      this.onError(`it answered ${this.received.slice(9, 12)}: ${this.received.slice(headEnd + HEAD_END.length)}`);
      return false;
    }
    this.received = this.received.slice(headEnd + HEAD_END.length);
    this.socket.write(this.unsent);
    this.unsent = null;
    return true;
  }

  /** Take an answer. */
  take(answer) {
    if (answer.detail === undefined) this.onAnswers.shift()?.(answer);
    else this.onError(`it answered ${answer.status}: ${answer.detail}`);
  }

  /** Close the connection; nobody waits for its answers any more. */
  close() {
    this.onAnswers = [];
    this.onError = () => {};
    this.socket.destroy();
  }
}

module.exports = { ControlConnection, OWN };
