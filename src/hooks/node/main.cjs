'use strict';

// The Node side of hooks: reads frames of calls from its socket, runs the processor's functions,
// writes frames of answers. frame.h describes both formats. One process serves one worker.

const net = require('net');
const { Session } = require('./session.cjs');

const kSocket = 3;
const kMostFrameBytes = 64 << 20;

// Cuts a stream of bytes into frames; `take(json, blob)` hears each.
class FrameReader {
  constructor(take) {
    this.take = take;
    this.chunks = [];
    this.size = 0;
    this.wanted = 4;
  }

  push(chunk) {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size < this.wanted) return;
    let bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks, this.size);
    for (;;) {
      this.wanted = 4;
      if (bytes.length < 4) break;
      this.wanted = 4 + bytes.readUInt32LE(0);
      if (this.wanted > kMostFrameBytes + 8 || this.wanted < 8) throw new Error('bad frame');
      if (bytes.length < this.wanted) break;
      const json = 8 + bytes.readUInt32LE(4);
      if (json > this.wanted) throw new Error('bad frame');
      this.take(bytes.utf8Slice(8, json), bytes.subarray(json, this.wanted));
      bytes = bytes.subarray(this.wanted);
    }
    this.chunks = bytes.length > 0 ? [bytes] : [];
    this.size = bytes.length;
  }
}

function frameOf(json) {
  const size = Buffer.byteLength(json);
  const frame = Buffer.allocUnsafe(4 + size);
  frame.writeUInt32LE(size, 0);
  frame.utf8Write(json, 4);
  return frame;
}

function serve() {
  // The terminal sends Ctrl-C to every process; ours ends when the socket does.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  const socket = new net.Socket({ fd: kSocket, readable: true, writable: true });
  const session = new Session((json) => socket.write(frameOf(json)));
  const reader = new FrameReader((json, blob) => session.take(JSON.parse(json), blob));
  socket.on('data', (chunk) => {
    try {
      reader.push(chunk);
    } catch (error) {
      process.stderr.write(`slsart: ${error.stack}\n`);
      process.exit(70);  // what was lost cannot be found again; we are started anew
    }
  });
  socket.on('end', () => process.exit());
  socket.on('error', () => process.exit());
  process.on('uncaughtException', (error) => session.stray(error));
  process.on('unhandledRejection', (error) => session.stray(error));
}

module.exports = { FrameReader, frameOf, serve };
