'use strict';

const fs = require('node:fs');

const kResults = process.env.RESULTS ?? 'results.jsonl';
const called = new Set();

// In the place of a telephone: a call takes a moment to be connected.
async function dial(context, events) {
  const { participant } = context.vars;
  if (called.has(participant)) events.emit('error', `${participant} was called twice`);
  called.add(participant);
  context.vars.call = { started: Date.now(), connectedAt: Date.now() + 30 };
}

async function waitUntilConnected(context, events) {
  const { call } = context.vars;
  while (Date.now() < call.connectedAt) await new Promise((resolve) => setTimeout(resolve, 5));
  events.emit('histogram', 'dial.setup_time', Date.now() - call.started);
}

function hangUp(context, events, done) {
  events.emit('counter', 'dial.completed', 1);
  return done();
}

async function saveResult(context, events, done) {
  const { participant, pin, call } = context.vars;
  fs.appendFileSync(kResults, `${JSON.stringify({ participant, pin, milliseconds: Date.now() - call.started })}\n`);
  done();
}

module.exports = { dial, waitUntilConnected, hangUp, saveResult };
