'use strict';

const jwt = require('jsonwebtoken');
const { v5: uuid } = require('uuid');
const settings = require('./lib/settings');

const kNames = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

// Called back although it is async, as many do.
async function makeAttendee(context, events, done) {
  const { runId, arrivalIndex } = context.slsart;
  context.vars.attendeeName = `attendee-${arrivalIndex}`;
  context.vars.attendeeId = uuid(`${runId}-${arrivalIndex}`, kNames);
  done();
}

async function signToken(requestParams, context) {
  const claims = { sub: context.vars.attendeeId, event: settings.eventId };
  requestParams.headers.authorization = `Bearer ${jwt.sign(claims, settings.secret, { expiresIn: '1h' })}`;
}

function countRegistration(requestParams, response, context, events, next) {
  events.emit('counter', `attendees.registered.${response.statusCode}`, 1);
  return next(response.statusCode === 201 ? undefined : new Error(`not registered: ${response.statusCode}`));
}

module.exports = { makeAttendee, signToken, countRegistration };
