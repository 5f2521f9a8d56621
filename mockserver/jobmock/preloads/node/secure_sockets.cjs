"use strict";
// TLS connections to the real hosts: a plain connection to the mock that looks like a secure one to its user.

const net = require("node:net");
const tls = require("node:tls");
const hosts = require("./hosts.cjs");

const real = { connect: tls.connect };

/** Return the options and the callback of a call of `tls.connect`, in any of its forms. */
function argumentsOf([first, ...others]) {
  const callback = typeof others.at(-1) === "function" ? others.pop() : undefined;
  if (typeof first === "object") return { options: first, callback };
  const host = typeof others[0] === "string" ? others[0] : undefined;
  const options = others.find((value) => typeof value === "object" && value !== null);
  return { options: { ...options, port: first, host: host ?? options?.host }, callback };
}

/** Give a plain socket the members of a secure one. */
function disguise(socket, { host, servername }) {
  Object.assign(socket, {
    encrypted: true, authorized: true, authorizationError: null, alpnProtocol: false, servername: servername || host,
    getPeerCertificate: () => ({}), getCipher: () => ({ name: "none", standardName: "none", version: "TLSv1.3" }),
    getProtocol: () => "TLSv1.3", getSession: () => undefined, isSessionReused: () => false,
    getEphemeralKeyInfo: () => ({}), setServername: () => {}, disableRenegotiation: () => {},
  });
  socket.once("connect", () => {
    socket.emit("secure");
    socket.emit("secureConnect");
  });
  return socket;
}

/** Connect to a real host without TLS, or to another one as `tls.connect` does. */
function connect(...args) {
  const { options, callback } = argumentsOf(args);
  if (options.socket || hosts.mockPort(options.host) === undefined) return real.connect(...args);
  const { ALPNProtocols, checkServerIdentity, ...plain } = options;
  const socket = disguise(net.connect(plain), options);
  if (callback !== undefined) socket.once("secureConnect", callback);
  return socket;
}

/** Replace it. */
function install() {
  tls.connect = connect;
}

module.exports = { install };
